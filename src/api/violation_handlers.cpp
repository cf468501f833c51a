// SPDX-License-Identifier: GPL-2.0-or-later
#include "api/violation_handlers.hpp"

#include "api/handler_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace runner::api {

namespace {

constexpr std::uint32_t max_rows = 1000;

std::optional<entity::EntityId> id_of_type(const Request& request, const char* name,
                                           std::optional<entity::EntityType> type,
                                           const char* what) {
    const std::string_view given = request.parameter(name);
    if (given.empty())
        return std::nullopt;
    const auto id = entity::EntityId::parse(given);
    if (!id || (type && id->type != *type))
        bad_field(name, fmt::format("{} is no {}", json_string(given), what));
    return id;
}

bool flag(const Request& request, const char* name) {
    const std::string_view given = request.parameter(name);
    if (!given.empty() && given != "true" && given != "false")
        bad_field(name, fmt::format("{} is neither true nor false", json_string(given)));
    return given == "true";
}

store::ViolationFilter parse_filter(const Backend& backend, const Request& request) {
    store::ViolationFilter filter;
    filter.wiki = wiki_of_list(backend, request);
    if (filter.wiki.empty())
        bad_field("wiki", "must be given");
    constexpr auto item = entity::EntityType::item;
    filter.entity = id_of_type(request, "entity", std::nullopt, "entity id");
    filter.type = id_of_type(request, "type", item, "item id");
    filter.of_class = id_of_type(request, "class", item, "item id");
    filter.direct = flag(request, "direct");
    if (const auto property =
            id_of_type(request, "property", entity::EntityType::property, "property id"))
        filter.property = entity::PropertyId{property->number};
    if (const std::string_view given = request.parameter("status"); !given.empty()) {
        filter.status = results::status_from(given);
        if (!filter.status || !results::is_stored(*filter.status))
            bad_field("status", fmt::format("{} is not among violation, warning, suggestion and "
                                            "bad-parameters",
                                            json_string(given)));
    }
    return filter;
}

std::optional<store::ViolationKey> parse_key(const Request& request) {
    const std::string_view given = request.parameter("after");
    if (given.empty())
        return std::nullopt;
    const std::size_t first = given.find('|');
    const std::size_t last = given.rfind('|');
    const auto is_printed = [](char c) { return c >= ' ' && c <= '~'; }; // as all ids are
    if (std::count(given.begin(), given.end(), '|') != 2 ||
        !std::all_of(given.begin(), given.end(), is_printed))
        bad_field("after", "not a cursor; it is the \"next\" of the page before");
    return store::ViolationKey{std::string(given.substr(0, first)),
                               std::string(given.substr(first + 1, last - first - 1)),
                               std::string(given.substr(last + 1))};
}

std::string violations_json(const store::ViolationPage& page) {
    std::string body = "{\"violations\":[";
    for (const store::ListedViolation& row : page.rows) {
        if (body.back() != '[')
            body += ',';
        body += fmt::format(
            R"({{"entity":{},"statement":{},"property":"{}","constraint":{},"type":{},)"
            R"("status":{},"message":{},"revision":{},"checked_at":{}}})",
            json_string(row.key.entity), json_string(row.key.statement), row.property.to_string(),
            json_string(row.key.constraint), json_string(row.type), json_string(row.status),
            json_string(row.message_key), row.revision,
            row.checked_at.empty() ? "null" : json_string(row.checked_at));
    }
    body += ']';
    if (page.next)
        body +=
            ",\"next\":" + json_string(fmt::format("{}|{}|{}", page.next->entity,
                                                   page.next->statement, page.next->constraint));
    return body + "}\n";
}

} // namespace

void add_violation_routes(Router& router, Backend& backend) {
    router.add("GET", "/v1/violations", [&](Request&& request, Responder respond) {
        auto filter = parse_filter(backend, request);
        const std::uint32_t limit = limit_of(request, 100, max_rows);
        backend.violations(std::move(filter), parse_key(request), limit,
                           answering<store::ViolationPage>(std::move(respond),
                                                           [](const store::ViolationPage& page) {
                                                               return text(violations_json(page));
                                                           }));
    });
}

} // namespace runner::api
