// SPDX-License-Identifier: GPL-2.0-or-later
#include "api/event_handlers.hpp"

#include "api/handler_parts.hpp"
#include "api/list.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace runner::api {

namespace {

constexpr std::uint32_t default_page = 100;
constexpr std::uint32_t max_page = 1'000;
using namespace std::string_view_literals;
constexpr std::array columns{"id"sv,       "wiki"sv,        "entity"sv,
                             "revision"sv, "deleted"sv,     "created_at"sv,
                             "appeared"sv, "disappeared"sv, "changed"sv};
constexpr std::array import_columns{"id"sv,    "wiki"sv,      "job_id"sv, "import_method"sv,
                                    "label"sv, "owner"sv,     "status"sv, "previous_status"sv,
                                    "total"sv, "done"sv,      "failed"sv, "counts"sv,
                                    "error"sv, "created_at"sv};

store::EventKind kind_of(const Request& request) {
    const auto given = request.parameter("kind");
    if (given == "import")
        return store::EventKind::import;
    if (!given.empty() && given != "result")
        bad_field("kind", json_string(given) + " is not result or import");
    return store::EventKind::result;
}

store::EventPlace place_of(const char* field, std::string_view text) {
    const auto place = store::EventPlace::parse(text);
    if (!place)
        bad_field(field, json_string(text) +
                             " is no place among the events: the id of one (\"8231-5120\"), "
                             "\"transaction\" of a dump's manifest, oldest or now");
    return *place;
}

EventsRequest parse(const EventsBackend& backend, const Request& request) {
    EventsRequest parsed;
    parsed.filter.kind = kind_of(request);
    parsed.filter.wiki = wiki_of_list(backend, request);
    if (parsed.filter.kind == store::EventKind::import)
        for (const char* name : {"property", "type"})
            if (!request.parameter(name).empty())
                bad_field(name, "events of imports have no pairs");
    if (const auto given = request.parameter("property"); !given.empty()) {
        const auto id = entity::PropertyId::parse(given);
        if (!id)
            bad_field("property", json_string(given) + " is no property id");
        parsed.filter.property = id->number;
    }
    if (const auto given = request.parameter("type"); !given.empty()) {
        const auto id = entity::EntityId::parse(given);
        if (!id || id->type != entity::EntityType::item)
            bad_field("type", json_string(given) + " is no item id");
        parsed.filter.type = id->to_string();
    }
    // who comes back says the last id, and still the address that it came with first
    if (!request.last_event_id.empty())
        parsed.after = place_of("Last-Event-ID", request.last_event_id);
    else if (const auto given = request.parameter("after"); given == "oldest")
        parsed.oldest = true;
    else if (given == "now")
        parsed.now = true;
    else if (!given.empty())
        parsed.after = place_of("after", given);
    return parsed;
}

Response stream_response(std::shared_ptr<BodyStream> stream) {
    Response response;
    response.content_type = "text/event-stream";
    response.headers.emplace_back("Cache-Control", "no-store");
    response.headers.emplace_back("X-Accel-Buffering", "no"); // a proxy shall not collect it
    response.stream = std::move(stream);
    return response;
}

Response page_response(const EventPage& found, ListFormat format, const Request& request) {
    using Columns = std::span<const std::string_view>;
    const bool of_imports = kind_of(request) == store::EventKind::import;
    ListPage page{found.events, found.next.to_string()};
    page.more_members = fmt::format(",\"more\":{}", found.more);
    return list_response({"events", of_imports ? Columns(import_columns) : Columns(columns)},
                         format, page, request);
}

void get_events(EventsBackend& backend, const Request& request, Responder respond) {
    EventsRequest parsed = parse(backend, request);
    const ListFormat format = list_format(request);
    const bool page = !request.parameter("limit").empty() || !request.parameter("format").empty() ||
                      (!request.accepts("text/event-stream") &&
                       (format != ListFormat::json || request.accepts("application/json")));
    if (page) {
        parsed.limit = limit_of(request, default_page, max_page);
        backend.page(
            std::move(parsed),
            answering<EventPage>(std::move(respond), [request, format](const EventPage& found) {
                return page_response(found, format, request);
            }));
        return;
    }
    backend.follow(std::move(parsed),
                   answering<std::shared_ptr<BodyStream>>(
                       std::move(respond), [](std::shared_ptr<BodyStream> stream) {
                           return stream_response(std::move(stream));
                       }));
}

} // namespace

void add_event_routes(Router& router, EventsBackend& backend) {
    router.add("GET", "/v1/events",
               {"kind", "wiki", "property", "type", "after", "limit", "format"},
               [&](Request&& request, Responder respond) {
                   get_events(backend, request, std::move(respond));
               });
}

} // namespace runner::api
