// SPDX-License-Identifier: GPL-2.0-or-later
// See commons_replica.hpp. Each statement goes along an index and names at most a chunk of keys.
#include "imports/commons_replica.hpp"

#include "imports/category_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace runner::imports {

namespace {

using source::Replica;
using source::ReplicaRows;
using std::chrono::milliseconds;

constexpr int file_namespace = 6;
constexpr int category_namespace = 14;
constexpr unsigned file_hidden = 1; // bit of oi_deleted and fr_deleted
constexpr unsigned user_hidden = 4;

constexpr std::string_view columns_statement =
    "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = DATABASE()"
    " AND table_name IN ('page', 'image', 'oldimage', 'file', 'filerevision', 'filetypes', 'actor',"
    " 'categorylinks', 'category', 'pagelinks', 'linktarget', 'redirect')";

template <typename Range, typename Text>
std::string list(const Range& range, Text text) {
    std::string out;
    for (const auto& each : range) {
        out += out.empty() ? "" : ",";
        out += text(each);
    }
    return out;
}

std::string numbers(std::span<const std::uint64_t> values) {
    return list(values, [](std::uint64_t value) { return std::to_string(value); });
}

store::ImportProblem problem(const char* code, std::uint64_t page, std::string reason) {
    store::ImportProblem made;
    made.code = code;
    made.item = fmt::format("file:{}", page);
    made.reason = std::move(reason);
    return made;
}

std::optional<std::string> optional_text(const ReplicaRows& rows, unsigned column) {
    const auto bytes = rows[column];
    return bytes ? std::optional<std::string>(*bytes) : std::nullopt;
}

std::optional<std::uint64_t> optional_number(const ReplicaRows& rows, unsigned column) {
    return rows[column] && *rows[column] != "0"
               ? std::optional<std::uint64_t>(rows.number(column))
               : std::nullopt;
}

} // namespace

CommonsReplica::CommonsReplica(const config::WikiSettings& wiki) : wiki_(wiki), replica_(wiki) {}

/// The newest time in an index; "" for an empty table.
std::string CommonsReplica::newest(const char* statement) {
    ReplicaRows rows = replica_.query(statement);
    return rows.next() ? rows.text(0) : std::string();
}

/// While a wiki moves from one generation to the next it has the tables of both, and writes to
/// one or both of them: the columns alone do not say which can be relied on.
const CommonsReplica::Schema& CommonsReplica::probed() {
    if (schema_)
        return *schema_;
    std::set<std::string> columns;
    for (ReplicaRows rows = replica_.query(columns_statement); rows.next();)
        columns.insert(rows.text(0) + '.' + rows.text(1));
    const auto has = [&](const char* column) { return columns.contains(column); };
    const bool old_files = has("image.img_name") && has("oldimage.oi_name");
    const bool new_files =
        has("file.file_name") && has("filerevision.fr_file") && has("filetypes.ft_major_mime");
    const bool by_title = has("categorylinks.cl_to");
    const bool by_target = has("categorylinks.cl_target_id") && has("linktarget.lt_title");
    std::string lacks;
    for (const auto& [there, what] : {std::pair{has("page.page_title"), "page"},
                                      {has("actor.actor_name"), "actor"},
                                      {old_files || new_files, "image and oldimage, or file, "
                                                               "filerevision and filetypes"},
                                      {by_title || by_target, "categorylinks"}})
        if (!there)
            lacks += (lacks.empty() ? "" : "; ") + std::string(what);
    if (!lacks.empty())
        throw source::ReplicaRefused(
            "unknown_schema", fmt::format("the database {} has no tables of MediaWiki that could "
                                          "be read: it lacks {}",
                                          replica_.database(), lacks));
    Schema schema;
    schema.file_tables = !old_files;
    if (old_files && new_files) // the one that is behind is not written to any more, or not yet
        schema.file_tables = newest("SELECT MAX(fr_timestamp) FROM filerevision") >
                             newest("SELECT MAX(img_timestamp) FROM image");
    schema.category_targets = !by_title;
    if (by_title && by_target)
        schema.category_targets =
            !replica_.query("SELECT 1 FROM categorylinks WHERE cl_target_id IS NULL LIMIT 1")
                 .next();
    schema.link_targets = !has("pagelinks.pl_title");
    schema_ = schema;
    return *schema_;
}

std::string CommonsReplica::schema() {
    const Schema& schema = probed();
    return fmt::format("{}, {}", schema.file_tables ? "file and filerevision" : "image and oldimage",
                       schema.category_targets ? "categorylinks by target"
                                               : "categorylinks by title");
}

std::optional<std::uint64_t> CommonsReplica::target(const std::string& name) {
    if (const auto known = targets_.find(name); known != targets_.end())
        return known->second;
    ReplicaRows rows = replica_.query(
        fmt::format("SELECT lt_id FROM linktarget WHERE lt_namespace = {} AND lt_title = {}",
                    category_namespace, Replica::literal(name)));
    if (!rows.next())
        return std::nullopt;
    return targets_.emplace(name, rows.number(0)).first->second;
}

/// The condition for the links of a category; empty when nothing can link to it.
std::optional<std::string> CommonsReplica::in_category(const std::string& name) {
    if (!probed().category_targets)
        return "cl_to = " + Replica::literal(name);
    const auto id = target(name);
    return id ? std::optional(fmt::format("cl_target_id = {}", *id)) : std::nullopt;
}

CategoryFacts CommonsReplica::category(const std::string& name) {
    CategoryFacts facts;
    const auto links = in_category(name);
    facts.has_members =
        links && replica_.query("SELECT 1 FROM categorylinks WHERE " + *links + " LIMIT 1").next();
    ReplicaRows page = replica_.query(
        fmt::format("SELECT page_id, page_is_redirect FROM page WHERE page_namespace = {} AND "
                    "page_title = {}",
                    category_namespace, Replica::literal(name)));
    facts.exists = page.next();
    if (!facts.exists)
        return facts;
    const std::uint64_t id = page.number(0);
    if (page.number(1) != 0) {
        ReplicaRows redirect = replica_.query(
            fmt::format("SELECT rd_title FROM redirect WHERE rd_from = {} AND rd_namespace = {} AND "
                        "(rd_interwiki IS NULL OR rd_interwiki = '')",
                        id, category_namespace));
        if (redirect.next())
            facts.hard_redirect = redirect.text(0);
        return facts;
    }
    std::string lists;
    for (const std::string& listing : wiki_.category_redirect_categories)
        if (const auto condition = in_category(category_name(listing, "category_redirect_categories")))
            lists += (lists.empty() ? "" : " OR ") + *condition;
    facts.soft_redirect =
        !lists.empty() &&
        replica_
            .query(fmt::format("SELECT 1 FROM categorylinks WHERE cl_from = {} AND ({}) LIMIT 1",
                               id, lists))
            .next();
    if (!facts.soft_redirect)
        return facts;
    ReplicaRows linked = replica_.query(
        probed().link_targets
            ? fmt::format("SELECT lt_title FROM pagelinks JOIN linktarget ON lt_id = pl_target_id "
                          "WHERE pl_from = {} AND lt_namespace = {} LIMIT 100",
                          id, category_namespace)
            : fmt::format("SELECT pl_title FROM pagelinks WHERE pl_from = {} AND pl_namespace = {} "
                          "LIMIT 100",
                          id, category_namespace));
    while (linked.next())
        facts.links.push_back(linked.text(0));
    return facts;
}

store::ImportTotal CommonsReplica::count_files(const std::string& name) {
    const auto links = in_category(name);
    if (!links)
        return {0, true};
    try {
        ReplicaRows rows = replica_.query(
            "SELECT COUNT(*) FROM categorylinks WHERE cl_type = 'file' AND " + *links,
            wiki_.replica_statement_timeout / 4);
        (void)rows.next();
        return {rows.number(0), true};
    } catch (const source::ReplicaTimeout&) {
        ReplicaRows rows = replica_.query("SELECT cat_files FROM category WHERE cat_title = " +
                                          Replica::literal(name));
        return {rows.next() ? rows.number(0) : 0, false};
    }
}

std::vector<CategoryPosition> CommonsReplica::files_after(const std::string& name,
                                                          const CategoryPosition& position,
                                                          std::uint32_t limit) {
    std::vector<CategoryPosition> found;
    const auto links = in_category(name);
    if (!links)
        return found;
    const std::string key = Replica::literal(position.sort_key);
    ReplicaRows rows = replica_.query(fmt::format(
        "SELECT cl_sortkey, cl_from FROM categorylinks WHERE {} AND cl_type = 'file' AND "
        "cl_sortkey >= {} AND (cl_sortkey > {} OR cl_from > {}) ORDER BY cl_sortkey, cl_from "
        "LIMIT {}",
        *links, key, key, position.page_id, limit));
    while (rows.next())
        found.push_back({rows.text(0), rows.number(1)});
    return found;
}

std::set<std::uint64_t> CommonsReplica::still_in(std::span<const std::string> names,
                                                 std::span<const std::uint64_t> pages) {
    std::set<std::uint64_t> there;
    std::string links;
    for (const std::string& name : names)
        if (const auto condition = in_category(name))
            links += (links.empty() ? "" : " OR ") + *condition;
    if (pages.empty() || links.empty())
        return there;
    ReplicaRows rows = replica_.query(
        fmt::format("SELECT DISTINCT cl_from FROM categorylinks WHERE cl_from IN ({}) AND "
                    "cl_type = 'file' AND ({})",
                    numbers(pages), links));
    while (rows.next())
        there.insert(rows.number(0));
    return there;
}

CommonsReplica::Files CommonsReplica::files(std::span<const std::uint64_t> pages) {
    Files files;
    if (pages.empty())
        return files;
    ReplicaRows rows = replica_.query(
        probed().file_tables
            ? fmt::format("SELECT page_id, page_namespace, page_title, ft_major_mime, "
                          "ft_minor_mime, fr_width, fr_height, IF(fr_deleted & {}, NULL, "
                          "actor_user), IF(fr_deleted & {}, NULL, actor_name), fr_timestamp, "
                          "file_id "
                          "FROM page LEFT JOIN file ON file_name = page_title AND file_deleted = 0 "
                          "LEFT JOIN filetypes ON ft_id = file_type "
                          "LEFT JOIN filerevision ON fr_id = file_latest "
                          "LEFT JOIN actor ON actor_id = fr_actor WHERE page_id IN ({})",
                          user_hidden, user_hidden, numbers(pages))
            : fmt::format("SELECT page_id, page_namespace, page_title, img_major_mime, "
                          "img_minor_mime, img_width, img_height, actor_user, actor_name, "
                          "img_timestamp, img_name "
                          "FROM page LEFT JOIN image ON img_name = page_title "
                          "LEFT JOIN actor ON actor_id = img_actor WHERE page_id IN ({})",
                          numbers(pages)));
    std::map<std::uint64_t, store::CommonsFile> found;
    std::map<std::string, store::CommonsFile*, std::less<>> by_key; // of the table of versions
    std::set<std::uint64_t> known;
    while (rows.next()) {
        const std::uint64_t page = rows.number(0);
        const std::string name = rows.text(2);
        known.insert(page);
        if (rows.number(1) != file_namespace) {
            files.problems.push_back(problem("no_file_page", page,
                                             fmt::format("page {} is not in the namespace of files",
                                                         page)));
            continue;
        }
        if (!is_text(name) || !is_text(rows.text(8))) {
            files.problems.push_back(problem("bad_text", page,
                                             fmt::format("the name of page {} or of its user is no "
                                                         "UTF-8",
                                                         page)));
            continue;
        }
        if (!rows[9] || !rows[10]) {
            files.problems.push_back(problem("file_missing", page,
                                             fmt::format("File:{} has a page but no file: it was "
                                                         "deleted, or is just being moved",
                                                         shown_name(name))));
            continue;
        }
        store::CommonsFile& file = found[page];
        file.page_id = page;
        file.name = name;
        file.major_mime = rows.text(3);
        file.minor_mime = rows.text(4);
        file.width = rows.number(5);
        file.height = rows.number(6);
        file.latest_user_id = file.first_user_id = optional_number(rows, 7);
        file.latest_user = file.first_user = optional_text(rows, 8);
        file.latest_at = file.first_at = rows.text(9);
        by_key.emplace(rows.text(10), &file);
    }
    for (const std::uint64_t page : pages)
        if (!known.contains(page))
            files.problems.push_back(problem("page_missing", page,
                                             fmt::format("page {} is in the category, but there is "
                                                         "no such page",
                                                         page)));
    if (!by_key.empty())
        add_first_versions(by_key);
    for (const std::uint64_t page : pages)
        if (const auto at = found.find(page); at != found.end())
            files.found.push_back(std::move(at->second));
    return files;
}

/// Of files that were uploaded more than once: who began, when, and that version's archive name.
/// Versions whose file is hidden do not count; where only the user is, nobody is named.
void CommonsReplica::add_first_versions(
    std::map<std::string, store::CommonsFile*, std::less<>>& by_key) {
    const std::string statement =
        probed().file_tables
            ? fmt::format(
                  "SELECT fr.fr_file, fr.fr_timestamp, fr.fr_archive_name, "
                  "IF(fr.fr_deleted & {0}, NULL, actor_user), "
                  "IF(fr.fr_deleted & {0}, NULL, actor_name) "
                  "FROM (SELECT fr_file AS of, MIN(fr_timestamp) AS at FROM filerevision "
                  "WHERE fr_file IN ({2}) AND NOT fr_deleted & {1} AND fr_archive_name <> '' "
                  "GROUP BY fr_file) first "
                  "JOIN filerevision fr ON fr.fr_file = first.of AND fr.fr_timestamp = first.at "
                  "AND NOT fr.fr_deleted & {1} AND fr.fr_archive_name <> '' "
                  "LEFT JOIN actor ON actor_id = fr.fr_actor",
                  user_hidden, file_hidden,
                  list(by_key, [](const auto& entry) { return entry.first; }))
            : fmt::format(
                  "SELECT o.oi_name, o.oi_timestamp, o.oi_archive_name, "
                  "IF(o.oi_deleted & {0}, NULL, actor_user), "
                  "IF(o.oi_deleted & {0}, NULL, actor_name) "
                  "FROM (SELECT oi_name AS of, MIN(oi_timestamp) AS at FROM oldimage "
                  "WHERE oi_name IN ({2}) AND NOT oi_deleted & {1} GROUP BY oi_name) first "
                  "JOIN oldimage o ON o.oi_name = first.of AND o.oi_timestamp = first.at "
                  "AND NOT o.oi_deleted & {1} "
                  "LEFT JOIN actor ON actor_id = o.oi_actor",
                  user_hidden, file_hidden,
                  list(by_key, [](const auto& entry) { return Replica::literal(entry.first); }));
    ReplicaRows rows = replica_.query(statement);
    while (rows.next()) {
        const auto at = by_key.find(rows.text(0));
        if (at == by_key.end())
            continue;
        store::CommonsFile& file = *at->second;
        const std::string archive = rows.text(2);
        const std::string user = rows.text(4);
        const std::string time = rows.text(1);
        if (!is_text(archive) || !is_text(user) || time > file.first_at ||
            (file.archive_name && *file.archive_name <= archive)) // two at the same second
            continue;
        file.first_at = time;
        file.first_user_id = optional_number(rows, 3);
        file.first_user = optional_text(rows, 4);
        file.archive_name = archive;
    }
}

} // namespace runner::imports
