// SPDX-License-Identifier: GPL-2.0-or-later
// Files by name and number, and what became of those that are not there. See commons_replica.hpp.
#include "imports/commons_replica.hpp"

#include <fmt/format.h>

#include <charconv>
#include <utility>

namespace runner::imports {

namespace {

using source::Replica;
using source::ReplicaRows;

constexpr int file_namespace = 6;

std::string literals(const std::set<std::string>& texts) {
    std::string out;
    for (const std::string& text : texts)
        out += (out.empty() ? "" : ",") + Replica::literal(text);
    return out;
}

std::string numbers(std::span<const std::uint64_t> values) {
    std::string out;
    for (const std::uint64_t value : values)
        out += (out.empty() ? "" : ",") + std::to_string(value);
    return out;
}

CommonsReplica::Named named_in(const ReplicaRows& rows) {
    CommonsReplica::Named page;
    page.page_id = rows.number(0);
    page.is_file = rows.number(1) == file_namespace;
    page.title = rows.text(2);
    page.is_redirect = rows.number(3) != 0;
    if (rows[4])
        page.target = rows.text(4);
    return page;
}

constexpr std::string_view named_columns =
    "SELECT page_id, page_namespace, page_title, page_is_redirect, rd_title FROM page "
    "LEFT JOIN redirect ON page_is_redirect = 1 AND rd_from = page_id AND rd_namespace = 6 AND "
    "(rd_interwiki IS NULL OR rd_interwiki = '') WHERE ";

/// Where a page was moved to, of the parameters of a log entry: PHP's serialization with the key
/// "4::target", or, long ago, the title in the first line. Without the namespace.
std::optional<std::string> move_target(std::string_view parameters) {
    std::string_view title = parameters.substr(0, parameters.find('\n'));
    constexpr std::string_view key = "\"4::target\";s:";
    if (const std::size_t at = parameters.find(key); at != std::string_view::npos) {
        const std::string_view rest = parameters.substr(at + key.size());
        std::size_t length = 0;
        const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), length);
        const auto digits = static_cast<std::size_t>(end - rest.data());
        if (error != std::errc{} || digits + 2 + length > rest.size())
            return std::nullopt;
        title = rest.substr(digits + 2, length);
    } else if (parameters.starts_with("a:")) {
        return std::nullopt;
    }
    const std::size_t colon = title.find(':');
    if (colon == std::string_view::npos || colon + 1 == title.size())
        return std::nullopt;
    std::string target(title.substr(colon + 1));
    for (char& c : target)
        c = c == ' ' ? '_' : c;
    return target;
}

} // namespace

std::map<std::string, CommonsReplica::Named>
CommonsReplica::named(const std::set<std::string>& titles) {
    std::map<std::string, Named> found;
    if (titles.empty())
        return found;
    ReplicaRows rows = replica_.query(fmt::format("{}page_namespace = {} AND page_title IN ({})",
                                                  named_columns, file_namespace, literals(titles)));
    while (rows.next())
        found.emplace(rows.text(2), named_in(rows));
    return found;
}

std::map<std::uint64_t, CommonsReplica::Named>
CommonsReplica::numbered(std::span<const std::uint64_t> pages) {
    std::map<std::uint64_t, Named> found;
    if (pages.empty())
        return found;
    ReplicaRows rows =
        replica_.query(fmt::format("{}page_id IN ({})", named_columns, numbers(pages)));
    while (rows.next())
        found.emplace(rows.number(0), named_in(rows));
    return found;
}

std::map<std::uint64_t, std::string>
CommonsReplica::titles_of(std::span<const std::uint64_t> file_ids) {
    std::map<std::uint64_t, std::string> found;
    if (!probed().file_tables)
        throw source::ReplicaRefused("no_file_ids", "the wiki's tables do not number files: name "
                                                    "them, or give the numbers of their pages");
    if (file_ids.empty())
        return found;
    ReplicaRows rows = replica_.query(fmt::format(
        "SELECT file_id, file_name FROM file WHERE file_id IN ({})", numbers(file_ids)));
    while (rows.next())
        found.emplace(rows.number(0), rows.text(1));
    return found;
}

std::map<std::string, CommonsReplica::Logged>
CommonsReplica::logged(const std::set<std::string>& titles) {
    std::map<std::string, Logged> found;
    (void)probed();
    if (titles.empty() || !columns_.contains("logging.log_title"))
        return found;
    ReplicaRows rows = replica_.query(fmt::format(
        "SELECT log_title, log_type, log_params FROM logging WHERE log_namespace = {} AND "
        "log_title IN ({}) AND ((log_type = 'move' AND log_action LIKE 'move%') OR "
        "(log_type = 'delete' AND log_action = 'delete')) ORDER BY log_timestamp, log_id",
        file_namespace, literals(titles)));
    while (rows.next()) {
        Logged& log = found[rows.text(0)];
        log.deleted = rows.text(1) == "delete";
        if (!log.deleted)
            log.moved_to = move_target(rows.text(2));
    }
    return found;
}

std::set<std::uint64_t> CommonsReplica::deleted(std::span<const std::uint64_t> pages) {
    std::set<std::uint64_t> found;
    (void)probed();
    if (pages.empty() || !columns_.contains("logging.log_page"))
        return found;
    ReplicaRows rows = replica_.query(
        fmt::format("SELECT DISTINCT log_page FROM logging WHERE log_page IN ({}) AND "
                    "log_type = 'delete' AND log_action = 'delete'",
                    numbers(pages)));
    while (rows.next())
        found.insert(rows.number(0));
    return found;
}

} // namespace runner::imports
