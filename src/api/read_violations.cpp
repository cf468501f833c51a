// SPDX-License-Identifier: GPL-2.0-or-later
// The work list: which statements break which constraints, page by page.
#include "api/read_rows.hpp"
#include "results/sentence.hpp"
#include "store/results/result_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

namespace runner::api {

std::string row_json(const store::ListedViolation& row, const std::string_view* sentence) {
    std::string own = row.own ? R"(,"own":true)" : "";
    if (!row.fix.empty())
        own += ",\"fix\":" + row.fix;
    if (!row.own_status.empty())
        own += ",\"own_status\":" + json_string(row.own_status);
    return fmt::format(R"({{"entity":{},"statement":{},"property":"{}","constraint":{},"type":{},)"
                       R"("status":{},"message":{},"revision":{},"checked_at":{}{}{}{}}})",
                       json_string(row.key.entity), json_string(row.key.statement),
                       row.property.to_string(), json_string(row.key.constraint),
                       json_string(row.type), json_string(row.status), json_string(row.message_key),
                       row.revision, row.checked_at.empty() ? "null" : json_string(row.checked_at),
                       sentence != nullptr ? ",\"sentence\":" : "",
                       sentence != nullptr ? json_string(*sentence) : "", own);
}

std::optional<store::ViolationKey> violation_cursor(std::string_view cursor) {
    if (cursor.empty())
        return std::nullopt;
    const std::size_t first = cursor.find('|');
    const std::size_t last = cursor.rfind('|');
    const auto is_printed = [](char c) { return c >= ' ' && c <= '~'; }; // as all ids are
    if (std::count(cursor.begin(), cursor.end(), '|') != 2 ||
        !std::all_of(cursor.begin(), cursor.end(), is_printed))
        bad_cursor();
    return store::ViolationKey{std::string(cursor.substr(0, first)),
                               std::string(cursor.substr(first + 1, last - first - 1)),
                               std::string(cursor.substr(last + 1))};
}

namespace {

void add_with_sentences(store::Session& session, std::string_view wiki,
                        const std::vector<store::ListedViolation>& rows,
                        std::vector<std::string>& out) {
    std::vector<std::string> entities;
    for (const store::ListedViolation& row : rows)
        if (entities.empty() || entities.back() != row.key.entity)
            entities.push_back(row.key.entity);
    std::map<std::string, results::Sentences, std::less<>> sentences;
    store::read_values(session, wiki, entities,
                       [&](std::string_view entity, std::string_view value, std::string_view own) {
                           sentences.emplace(entity, results::sentences_if_any(value, {}, own));
                       });
    for (const store::ListedViolation& row : rows) {
        std::string sentence(results::sentence_or_key(sentences[row.key.entity], row.key.statement,
                                                      row.key.constraint, row.message_key));
        if (!row.fix.empty())
            sentence += ' ' + results::fix_sentence(row.fix);
        const std::string_view text = sentence;
        out.push_back(row_json(row, &text));
    }
}

} // namespace

ListPage list_violations(store::Session& session, const ReadRequest& request) {
    store::ViolationFilter filter;
    filter.wiki = request.wiki();
    filter.entity = request.entity("entity");
    filter.type = request.entity("type");
    filter.of_class = request.entity("class");
    filter.direct = request.flag("direct");
    if (const auto property = request.entity("property"))
        filter.property = entity::PropertyId{property->number};
    filter.status = results::status_from(request.text("status"));
    const auto after = violation_cursor(request.after());
    const auto found =
        store::ViolationList(session).page(filter, after ? &*after : nullptr, request.limit());
    ListPage page;
    if (request.flag("sentences"))
        page.more_columns = {"sentence"};
    if (request.has_extras())
        page.more_columns.insert(page.more_columns.end(), {"own", "fix", "own_status"});
    if (request.flag("sentences")) {
        add_with_sentences(session, request.wiki(), found.rows, page.rows);
    } else {
        for (const store::ListedViolation& row : found.rows)
            page.rows.push_back(row_json(row));
    }
    if (found.next)
        page.next = fmt::format("{}|{}|{}", found.next->entity, found.next->statement,
                                found.next->constraint);
    return page;
}

} // namespace runner::api
