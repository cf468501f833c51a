// SPDX-License-Identifier: GPL-2.0-or-later
// Imports, what they could not import, and the lists that they were given.
#include "api/handler_parts.hpp"
#include "api/import_handlers.hpp"
#include "api/read_rows.hpp"
#include "store/imports/import_store.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace runner::api {

namespace {

std::string or_null(const std::optional<std::string>& text) {
    return text.value_or("").empty() ? "null" : json_string(*text);
}

/// With the number of the last row as the cursor, when the page is full.
template <class Row, class Json>
ListPage page_by_number(const std::vector<Row>& rows, std::uint32_t limit,
                        std::uint64_t Row::*number, Json json) {
    ListPage page;
    page.next_is_number = true;
    for (const Row& row : rows)
        page.rows.push_back(json(row));
    if (!rows.empty() && rows.size() == limit)
        page.next = std::to_string(rows.back().*number);
    return page;
}

constexpr auto json_of = [](const auto& row) { return row_json(row); };

} // namespace

std::string row_json(const store::ImportProblem& problem) {
    return fmt::format(R"({{"number":{},"code":{},"item":{},"reason":{},"retryable":{},)"
                       R"("counted":{},"noted_at":{}}})",
                       problem.number, json_string(problem.code), json_string(problem.item),
                       json_string(problem.reason), problem.retryable, problem.counted,
                       json_string(problem.noted_at));
}

std::string row_json(const store::ImportItem& item) {
    return fmt::format(R"({{"number":{},"asked":{},"outcome":"{}","page_id":{},"img_name":{},)"
                       R"("reason":{},"known_name":{},"replaced":{}}})",
                       item.number, json_string(item.asked),
                       store::item_outcomes.at(static_cast<std::size_t>(item.outcome)),
                       item.page_id ? std::to_string(*item.page_id) : "null", or_null(item.title),
                       or_null(item.reason), or_null(item.known_name),
                       !item.replaced   ? "null"
                       : *item.replaced ? "true"
                                        : "false");
}

ListPage list_imports(store::Session& session, const ReadRequest& request) {
    const auto rows = store::ImportStore(session).list(
        request.wiki(), request.text("status"), request.limit(), request.number("before"),
        request.text("label"), request.text("owner"));
    return page_by_number(rows, request.limit(), &store::ImportRow::id, import_json);
}

ListPage list_problems(store::Session& session, const ReadRequest& request) {
    const auto problems = store::ImportStore(session).problems(request.import(), request.limit(),
                                                               request.number("after"));
    if (!problems)
        throw no_import(request.import());
    return page_by_number(*problems, request.limit(), &store::ImportProblem::number, json_of);
}

ListPage list_items(store::Session& session, const ReadRequest& request) {
    std::optional<store::ItemOutcome> outcome;
    if (const std::string_view given = request.text("outcome"); !given.empty())
        outcome = static_cast<store::ItemOutcome>(
            std::find(store::item_outcomes.begin(), store::item_outcomes.end(), given) -
            store::item_outcomes.begin());
    std::optional<bool> replaced;
    if (!request.text("replaced").empty())
        replaced = request.flag("replaced");
    const auto found = store::ImportItemStore(session).page(
        request.import(), request.number("after"), request.limit(), outcome, replaced);
    if (!found.found)
        throw no_import(request.import());
    return page_by_number(found.items, request.limit(), &store::ImportItem::number, json_of);
}

} // namespace runner::api
