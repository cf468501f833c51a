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

constexpr int category_namespace = 14;

constexpr std::string_view columns_statement =
    "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = DATABASE()"
    " AND table_name IN ('page', 'image', 'oldimage', 'file', 'filerevision', 'filetypes', 'actor',"
    " 'categorylinks', 'category', 'pagelinks', 'linktarget', 'redirect', 'recentchanges',"
    " 'logging')";

std::string numbers(std::span<const std::uint64_t> values) {
    std::string out;
    for (const std::uint64_t value : values) {
        out += out.empty() ? "" : ",";
        out += std::to_string(value);
    }
    return out;
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
    columns_.clear();
    for (ReplicaRows rows = replica_.query(columns_statement); rows.next();)
        columns_.insert(rows.text(0) + '.' + rows.text(1));
    const auto has = [&](const char* column) { return columns_.contains(column); };
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
    return fmt::format(
        "{}, {}", schema.file_tables ? "file and filerevision" : "image and oldimage",
        schema.category_targets ? "categorylinks by target" : "categorylinks by title");
}

void CommonsReplica::forget_schema() {
    schema_.reset();
    targets_.clear();
    types_.clear();
    no_files_.clear();
}

/// The age of a time, in seconds; empty when there is none, or none that can be read.
std::optional<std::uint64_t> CommonsReplica::seconds_since(const std::string& select) {
    ReplicaRows rows = replica_.query(
        fmt::format("SELECT GREATEST(0, TIMESTAMPDIFF(SECOND, CAST(({}) AS DATETIME), "
                    "UTC_TIMESTAMP()))",
                    select));
    return rows.next() && rows[0] ? std::optional(rows.number(0)) : std::nullopt;
}

/// A table of heartbeats has a row for each set of databases, of which the replica gets one: the
/// freshest row is its own.
std::optional<ReplicaAge> CommonsReplica::age() {
    const Schema& schema = probed();
    const std::string& table = wiki_.replica_heartbeat_table;
    const std::size_t dot = table.find('.');
    if (dot != std::string::npos) {
        std::set<std::string> columns;
        for (ReplicaRows rows = replica_.query(
                 "SELECT column_name FROM information_schema.columns WHERE table_schema = " +
                 Replica::literal(table.substr(0, dot)) +
                 " AND table_name = " + Replica::literal(table.substr(dot + 1)));
             rows.next();)
            columns.insert(rows.text(0));
        for (const char* column : {"last_updated", "ts"})
            if (columns.contains(column))
                if (const auto seconds =
                        seconds_since(fmt::format("SELECT MAX({}) FROM `{}`.`{}`", column,
                                                  table.substr(0, dot), table.substr(dot + 1))))
                    return ReplicaAge{*seconds, true};
    }
    std::optional<ReplicaAge> youngest;
    const auto look = [&](const char* column, const char* name) {
        if (!columns_.contains(fmt::format("{}.{}", name, column)))
            return;
        const auto seconds = seconds_since(fmt::format("SELECT MAX({}) FROM {}", column, name));
        if (seconds && (!youngest || *seconds < youngest->seconds))
            youngest = ReplicaAge{*seconds, false};
    };
    look("rc_timestamp", "recentchanges");
    look("log_timestamp", "logging");
    look(schema.file_tables ? "fr_timestamp" : "img_timestamp",
         schema.file_tables ? "filerevision" : "image");
    return youngest;
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

/// The condition for the links of several categories; empty when nothing can link to them.
std::string CommonsReplica::in_categories(std::span<const std::string> names) {
    std::string values;
    const bool by_target = probed().category_targets;
    for (const std::string& name : names) {
        const auto id = by_target ? target(name) : std::nullopt;
        if (by_target && !id)
            continue;
        values += values.empty() ? "" : ",";
        values += by_target ? std::to_string(*id) : Replica::literal(name);
    }
    if (values.empty())
        return {};
    return fmt::format("{} IN ({})", by_target ? "cl_target_id" : "cl_to", values);
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
        ReplicaRows redirect = replica_.query(fmt::format(
            "SELECT rd_title FROM redirect WHERE rd_from = {} AND rd_namespace = {} AND "
            "(rd_interwiki IS NULL OR rd_interwiki = '')",
            id, category_namespace));
        if (redirect.next())
            facts.hard_redirect = redirect.text(0);
        return facts;
    }
    std::string lists;
    for (const std::string& listing : wiki_.category_redirect_categories)
        if (const auto condition =
                in_category(category_name(listing, "category_redirect_categories")))
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

std::vector<std::string> CommonsReplica::subcategories(std::span<const std::string> names) {
    constexpr std::size_t at_once = 200;
    std::vector<std::string> found;
    for (std::size_t from = 0; from < names.size(); from += at_once) {
        const std::string links =
            in_categories(names.subspan(from, std::min(at_once, names.size() - from)));
        if (links.empty())
            continue;
        ReplicaRows rows = replica_.query(
            fmt::format("SELECT page_title FROM categorylinks JOIN page ON page_id = cl_from AND "
                        "page_namespace = {} WHERE cl_type = 'subcat' AND {}",
                        category_namespace, links));
        while (rows.next())
            if (is_text(rows.text(0)))
                found.push_back(rows.text(0));
    }
    std::sort(found.begin(), found.end());
    return found;
}

CommonsReplica::Members CommonsReplica::members(const std::string& name) {
    Members members;
    members.files = count_files(name).count;
    const auto links = in_category(name);
    if (!links)
        return members;
    try {
        ReplicaRows rows = replica_.query(
            "SELECT SUM(cl_type = 'subcat'), SUM(cl_type = 'page') FROM categorylinks WHERE "
            "cl_type IN ('subcat', 'page') AND " +
                *links,
            wiki_.replica_statement_timeout / 4);
        if (rows.next()) {
            members.subcategories = rows.number(0);
            members.pages = rows.number(1);
        }
    } catch (const source::ReplicaTimeout&) {
        ReplicaRows rows = replica_.query(
            "SELECT cat_subcats, GREATEST(0, cat_pages - cat_subcats - cat_files) FROM category "
            "WHERE cat_title = " +
            Replica::literal(name));
        if (rows.next()) {
            members.subcategories = rows.number(0);
            members.pages = rows.number(1);
        }
    }
    return members;
}

std::uint64_t CommonsReplica::count_distinct(std::span<const std::string> names) {
    const std::string links = in_categories(names);
    if (links.empty())
        return 0;
    ReplicaRows rows = replica_.query(
        fmt::format("SELECT COUNT({}) FROM categorylinks WHERE cl_type = 'file' AND {}",
                    names.size() == 1 ? "*" : "DISTINCT cl_from", links));
    return rows.next() ? rows.number(0) : 0;
}

/// In the order of the index (cl_timestamp), whose entries end with cl_from. An equation with the
/// category would let the planner enter that index at the category's beginning each time, and skip
/// what has been read entry by entry; a range from both sides it can only enter at the place. The
/// index does not have the type, so nothing is said of that: a look at each link itself costs more
/// than all else of it. See no_files_in().
std::optional<std::string> CommonsReplica::links_after(const std::string& name,
                                                       const CategoryPosition& position,
                                                       std::uint32_t limit) {
    if (position.time.find_first_not_of("0123456789-: .") != std::string::npos)
        throw base::DataError("the cursor has a time that is none");
    const bool by_target = probed().category_targets;
    const auto id = by_target ? target(name) : std::nullopt;
    if (by_target && !id)
        return std::nullopt;
    const std::string after =
        position.time.empty()
            ? std::string()
            : fmt::format(" AND (cl_timestamp > '{0}' OR (cl_timestamp = '{0}' AND cl_from > {1}))",
                          position.time, position.page_id);
    return fmt::format(
        "WHERE {0} >= {1} AND {0} <= {1}{2} ORDER BY {0}, cl_timestamp, cl_from LIMIT {3}",
        by_target ? "cl_target_id" : "cl_to",
        by_target ? std::to_string(*id) : Replica::literal(name), after, limit);
}

std::vector<CategoryPosition> CommonsReplica::members_after(const std::string& name,
                                                            const CategoryPosition& position,
                                                            std::uint32_t limit) {
    std::vector<CategoryPosition> found;
    const auto links = links_after(name, position, limit);
    if (!links)
        return found;
    ReplicaRows rows = replica_.query("SELECT cl_timestamp, cl_from FROM categorylinks " + *links);
    while (rows.next())
        found.push_back({rows.text(0), rows.number(1)});
    return found;
}

/// Pages in the namespace of files that are in the category as something else: there should be
/// none, and they are found by an index that has the type.
const std::set<std::uint64_t>& CommonsReplica::no_files_in(const std::string& name) {
    if (const auto known = no_files_.find(name); known != no_files_.end())
        return known->second;
    std::set<std::uint64_t> pages;
    if (const auto links = in_category(name))
        try {
            ReplicaRows rows = replica_.query(
                fmt::format(
                    "SELECT STRAIGHT_JOIN cl_from FROM categorylinks JOIN page ON page_id = "
                    "cl_from AND page_namespace = {} WHERE cl_type IN ('page', 'subcat') "
                    "AND {}",
                    FilePage::file_namespace, *links),
                wiki_.replica_statement_timeout / 4);
            while (rows.next())
                pages.insert(rows.number(0));
        } catch (const source::ReplicaTimeout&) { // very many others: what is taken too much, a
        }                                         // comparison takes away
    return no_files_.emplace(name, std::move(pages)).first->second;
}

std::set<std::uint64_t> CommonsReplica::still_in(std::span<const std::string> names,
                                                 std::span<const std::uint64_t> pages) {
    std::set<std::uint64_t> there;
    const std::string links = in_categories(names);
    if (pages.empty() || links.empty())
        return there;
    ReplicaRows rows = replica_.query(
        fmt::format("SELECT DISTINCT cl_from FROM categorylinks WHERE cl_from IN ({}) AND "
                    "cl_type = 'file' AND {}",
                    numbers(pages), links));
    while (rows.next())
        there.insert(rows.number(0));
    return there;
}

} // namespace runner::imports
