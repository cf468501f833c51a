// SPDX-License-Identifier: GPL-2.0-or-later
// Files and their versions as MediaWiki's tables have them. See commons_replica.hpp.
#include "imports/category_name.hpp"
#include "imports/commons_replica.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace runner::imports {

namespace {

using source::Replica;
using source::ReplicaRows;

constexpr int file_namespace = 6;
constexpr unsigned file_hidden = 1; // bit of oi_deleted and fr_deleted
constexpr unsigned user_hidden = 4;

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
    return rows[column] && *rows[column] != "0" ? std::optional<std::uint64_t>(rows.number(column))
                                                : std::nullopt;
}

/// Whether it is a time as MediaWiki writes it, of a day that there may be.
bool is_time(std::string_view text) noexcept {
    const auto number = [&](std::size_t at) { return (text[at] - '0') * 10 + text[at + 1] - '0'; };
    if (text.size() != 14 ||
        !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }))
        return false;
    return number(0) > 0 && number(4) >= 1 && number(4) <= 12 && number(6) >= 1 && number(6) <= 31;
}

/// Why a page of the category is not taken; empty when it has a file that can be.
std::optional<store::ImportProblem> reason_against(const ReplicaRows& rows) {
    const std::uint64_t page = rows.number(0);
    const std::string name = rows.text(2);
    if (rows.number(1) != file_namespace)
        return problem("no_file_page", page,
                       fmt::format("page {} is not in the namespace of files", page));
    if (!is_text(name) || !is_text(rows.text(8)))
        return problem("bad_text", page,
                       fmt::format("the name of page {} or of its user is not valid UTF-8", page));
    if (!rows[9] || !rows[10]) {
        const std::string target = rows.text(12);
        if (rows.number(11) != 0 && is_text(target))
            return problem(
                "file_redirect", page,
                fmt::format("File:{} redirects to {}, as after a renaming, and has no "
                            "file of its own",
                            shown_name(name),
                            target.empty() ? "another page" : "File:" + shown_name(target)));
        return problem("file_missing", page,
                       fmt::format("File:{} has a page but no file: it was deleted, or is just "
                                   "being moved",
                                   shown_name(name)));
    }
    if (!is_time(rows.text(9)))
        return problem("bad_time", page,
                       fmt::format("the latest version of File:{} has no valid upload time",
                                   shown_name(name)));
    return std::nullopt;
}

} // namespace

CommonsReplica::Files CommonsReplica::files(std::span<const std::uint64_t> pages) {
    Files files;
    if (pages.empty())
        return files;
    const bool file_tables = probed().file_tables;
    ReplicaRows rows = replica_.query(
        file_tables
            ? fmt::format("SELECT page_id, page_namespace, page_title, ft_major_mime, "
                          "ft_minor_mime, fr_width, fr_height, IF(fr_deleted & {}, NULL, "
                          "actor_user), IF(fr_deleted & {}, NULL, actor_name), fr_timestamp, "
                          "file_id, page_is_redirect, rd_title, file_latest "
                          "FROM page LEFT JOIN file ON file_name = page_title AND file_deleted = 0 "
                          "LEFT JOIN filetypes ON ft_id = file_type "
                          "LEFT JOIN filerevision ON fr_id = file_latest "
                          "LEFT JOIN actor ON actor_id = fr_actor "
                          "LEFT JOIN redirect ON page_is_redirect = 1 AND rd_from = page_id AND "
                          "rd_namespace = {} WHERE page_id IN ({})",
                          user_hidden, user_hidden, file_namespace, numbers(pages))
            : fmt::format("SELECT page_id, page_namespace, page_title, img_major_mime, "
                          "img_minor_mime, img_width, img_height, actor_user, actor_name, "
                          "img_timestamp, img_name, page_is_redirect, rd_title "
                          "FROM page LEFT JOIN image ON img_name = page_title "
                          "LEFT JOIN actor ON actor_id = img_actor "
                          "LEFT JOIN redirect ON page_is_redirect = 1 AND rd_from = page_id AND "
                          "rd_namespace = {} WHERE page_id IN ({})",
                          file_namespace, numbers(pages)));
    std::map<std::uint64_t, store::CommonsFile> found;
    std::map<std::string, store::CommonsFile*, std::less<>> by_key; // of the table of versions
    std::set<std::uint64_t> known;
    while (rows.next()) {
        const std::uint64_t page = rows.number(0);
        known.insert(page);
        if (auto reason = reason_against(rows)) {
            files.problems.push_back(std::move(*reason));
            continue;
        }
        store::CommonsFile& file = found[page];
        file.page_id = page;
        file.name = rows.text(2);
        file.major_mime = rows.text(3);
        file.minor_mime = rows.text(4);
        file.width = rows.number(5);
        file.height = rows.number(6);
        file.latest_user_id = file.first_user_id = optional_number(rows, 7);
        file.latest_user = file.first_user = optional_text(rows, 8);
        file.latest_at = file.first_at = rows.text(9);
        if (file_tables) {
            file.file_id = rows.number(10);
            file.latest_revision = rows.number(13);
        }
        by_key.emplace(rows.text(10), &file);
    }
    for (const std::uint64_t page : pages)
        if (!known.contains(page))
            files.problems.push_back(problem("page_missing", page,
                                             fmt::format("page {} is in the category, but there is "
                                                         "no such page",
                                                         page)));
    if (!by_key.empty())
        add_first_versions(by_key, files.problems);
    for (const std::uint64_t page : pages)
        if (const auto at = found.find(page); at != found.end())
            files.found.push_back(std::move(at->second));
    return files;
}

/// Of files that were uploaded more than once: who began, when, and that version's archive name,
/// which may be missing in production. Versions whose file is hidden, or whose time is none, do
/// not count; where only the user is hidden, no user is named.
void CommonsReplica::add_first_versions(
    std::map<std::string, store::CommonsFile*, std::less<>>& by_key,
    std::vector<store::ImportProblem>& remarks) {
    const std::string statement =
        probed().file_tables
            ? fmt::format(
                  "SELECT fr.fr_file, fr.fr_timestamp, fr.fr_archive_name, "
                  "IF(fr.fr_deleted & {0}, NULL, actor_user), "
                  "IF(fr.fr_deleted & {0}, NULL, actor_name), first.newest, first.times "
                  "FROM (SELECT file_id AS of, file_latest AS latest, "
                  "MIN(v.fr_timestamp) AS at, MAX(v.fr_timestamp) AS newest, "
                  "GROUP_CONCAT(DISTINCT v.fr_timestamp ORDER BY v.fr_timestamp) AS times "
                  "FROM file JOIN filerevision v ON v.fr_file = file_id AND v.fr_id <> file_latest "
                  "AND NOT v.fr_deleted & {1} AND v.fr_timestamp >= '1' "
                  "WHERE file_id IN ({2}) GROUP BY file_id, file_latest) first "
                  "JOIN filerevision fr ON fr.fr_file = first.of AND fr.fr_timestamp = first.at "
                  "AND fr.fr_id <> first.latest AND NOT fr.fr_deleted & {1} "
                  "LEFT JOIN actor ON actor_id = fr.fr_actor ORDER BY fr.fr_file, fr.fr_id",
                  user_hidden, file_hidden,
                  list(by_key, [](const auto& entry) { return entry.first; }))
            : fmt::format(
                  "SELECT o.oi_name, o.oi_timestamp, o.oi_archive_name, "
                  "IF(o.oi_deleted & {0}, NULL, actor_user), "
                  "IF(o.oi_deleted & {0}, NULL, actor_name), first.newest, first.times "
                  "FROM (SELECT oi_name AS of, MIN(oi_timestamp) AS at, MAX(oi_timestamp) AS "
                  "newest, GROUP_CONCAT(DISTINCT oi_timestamp ORDER BY oi_timestamp) AS times "
                  "FROM oldimage WHERE oi_name IN ({2}) AND NOT oi_deleted & {1} AND "
                  "oi_timestamp >= '1' GROUP BY oi_name) first "
                  "JOIN oldimage o ON o.oi_name = first.of AND o.oi_timestamp = first.at "
                  "AND NOT o.oi_deleted & {1} "
                  "LEFT JOIN actor ON actor_id = o.oi_actor ORDER BY o.oi_name, o.oi_archive_name",
                  user_hidden, file_hidden,
                  list(by_key, [](const auto& entry) { return Replica::literal(entry.first); }));
    ReplicaRows rows = replica_.query(statement);
    std::string last; // of several at the same second the first one counts
    while (rows.next()) {
        const auto at = by_key.find(rows.text(0));
        if (at == by_key.end() || rows.text(0) == last)
            continue;
        last = rows.text(0);
        store::CommonsFile& file = *at->second;
        if (const std::string newest = rows.text(5); newest > file.latest_at && is_time(newest)) {
            store::ImportProblem remark;
            remark.code = "newer_old_version";
            remark.item = "File:" + shown_name(file.name);
            remark.reason = fmt::format("an old version is of {}, later than the latest one of {}",
                                        newest, file.latest_at);
            remark.retryable = remark.counted = false;
            remarks.push_back(std::move(remark));
        }
        const std::string archive = rows.text(2);
        const std::string user = rows.text(4);
        const std::string time = rows.text(1);
        if (!is_text(archive) || !is_text(user) || !is_time(time) || time > file.first_at)
            continue;
        file.first_at = time;
        file.first_user_id = optional_number(rows, 3);
        file.first_user = optional_text(rows, 4);
        file.archive_name = archive;
        if (std::string times = rows.text(6);
            times.size() > time.size() && times.find_first_not_of("0123456789,") == times.npos)
            file.other_times = std::move(times);
    }
}

} // namespace runner::imports
