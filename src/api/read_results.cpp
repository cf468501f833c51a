// SPDX-License-Identifier: GPL-2.0-or-later
// Stored results, those that are incomplete, and where WBQC gave others.
#include "api/handler_parts.hpp"
#include "api/read_rows.hpp"

#include <fmt/format.h>

#include <iterator>

namespace runner::api {

std::string result_json(std::string_view wiki, const entity::EntityId& entity,
                        const store::ResultRow& row) {
    std::string body;
    body.reserve(row.value.size() + 512);
    fmt::format_to(
        std::back_inserter(body),
        R"({{"wiki":{},"entity":"{}","revision":{},"checked_at":{},"stale":{},"counts":{{)",
        json_string(wiki), entity.to_string(), row.revision, json_string(row.checked_at),
        row.stale);
    for (std::size_t i = 0; i < results::status_count; ++i)
        fmt::format_to(std::back_inserter(body), "{}\"{}\":{}", i == 0 ? "" : ",",
                       results::status_names[i], row.counts[i]);
    fmt::format_to(std::back_inserter(body), R"(}},"incomplete":{},"duration_us":{},"engine":{},)",
                   json_strings(row.incomplete), row.duration_us, json_string(row.engine));
    if (!row.wbqc.empty())
        body.append("\"wbqc\":").append(json_string(row.wbqc)).append(",");
    body += "\"value\":";
    body += row.value;
    if (!row.own.empty())
        body.append(",\"own\":").append(row.own);
    body += "}\n";
    return body;
}

std::string row_json(const store::IncompleteRow& row) {
    return fmt::format(R"({{"wiki":{},"entity":"{}","revision":{},"checked_at":{},)"
                       R"("next_attempt":{},"reasons":{}}})",
                       json_string(row.key.wiki), row.key.entity.to_string(), row.revision,
                       json_string(row.checked_at),
                       row.next_attempt.empty() ? "null" : json_string(row.next_attempt),
                       json_strings(row.reasons));
}

std::string row_json(const store::ParityDifference& row) {
    return fmt::format(R"({{"wiki":{},"entity":"{}","revision":{},"found_at":{},)"
                       R"("property":{},"constraint":{},"type":{},"native":{},"php":{}}})",
                       json_string(row.key.wiki), row.key.entity.to_string(), row.revision,
                       json_string(row.found_at),
                       row.property.number == 0 ? "null" : json_string(row.property.to_string()),
                       json_string(row.constraint), json_string(row.type), row.native, row.php);
}

ParityCursor parity_cursor(std::string_view cursor) {
    ParityCursor parsed{{}, key_of_cursor(cursor)};
    if (!parsed.key)
        return parsed;
    const std::size_t bar = parsed.key->wiki.find('|');
    if (bar == std::string::npos)
        bad_cursor();
    parsed.constraint = parsed.key->wiki.substr(0, bar);
    parsed.key->wiki.erase(0, bar + 1);
    return parsed;
}

std::string read_result(store::Session& session, const ReadRequest& request) {
    const entity::EntityId entity = *request.entity("entity");
    const auto row = store::ResultStore(session).get(request.wiki(), entity);
    if (!row)
        throw ApiError{
            404,
            "no_result",
            fmt::format("there is no result of {} of {}", entity.to_string(), request.wiki()),
            {}};
    return result_json(request.wiki(), entity, *row);
}

ListPage list_incomplete(store::Session& session, const ReadRequest& request) {
    const auto after = key_of_cursor(request.after());
    const auto rows = store::ResultStore(session).incomplete(request.wiki(), request.limit(),
                                                             after ? &*after : nullptr);
    return page_by_entity(rows, request.limit());
}

ListPage list_parity(store::Session& session, const ReadRequest& request) {
    const ParityCursor after = parity_cursor(request.after());
    const auto rows = store::ParityStore(session).list(
        request.wiki(), request.limit(), after.key ? &*after.key : nullptr, after.constraint);
    ListPage page = page_by_entity(rows, request.limit());
    if (!page.next.empty())
        page.next = rows.back().constraint + '|' + page.next;
    return page;
}

} // namespace runner::api
