// SPDX-License-Identifier: GPL-2.0-or-later
#include "publish/event_text.hpp"

#include "base/log.hpp"

#include <boost/json.hpp>

namespace runner::publish {
namespace {

namespace json = boost::json;

bool says(const json::object& pair, const char* member, std::string_view text) {
    const json::value* value = pair.if_contains(member);
    const json::string* found = value != nullptr ? value->if_string() : nullptr;
    return found != nullptr && std::string_view(found->data(), found->size()) == text;
}

bool wanted(const json::object& pair, const EventFilter& filter) {
    if (filter.property != 0 && !says(pair, "property", 'P' + std::to_string(filter.property)))
        return false;
    return filter.type.empty() || says(pair, "type", filter.type) ||
           says(pair, "from_type", filter.type);
}

/// A list of pairs with the wanted ones only.
std::string narrowed(const std::string& list, const EventFilter& filter) {
    const json::value parsed = json::parse(list);
    json::array kept;
    for (const json::value& pair : parsed.as_array())
        if (wanted(pair.as_object(), filter))
            kept.push_back(pair);
    return json::serialize(kept);
}

/// As it was stored, but on one line: white space between tokens may be anything.
void append_list(std::string& out, const char* name, const std::string& list) {
    out += name;
    for (const char c : list)
        out += c == '\n' || c == '\r' ? ' ' : c;
}

void append_member(std::string& out, const char* name, std::string_view text) {
    out += name;
    base::append_json_escaped(out, text);
    out += '"';
}

std::string import_json(const store::Event& event) {
    std::string out;
    append_member(out, "{\"id\":\"", event.place.to_string());
    append_member(out, ",\"wiki\":\"", event.wiki);
    append_member(out, ",\"created_at\":\"", event.created_at);
    append_list(out, ",", event.import.substr(event.import.find('{') + 1)); // with its brace
    return out;
}

} // namespace

std::optional<std::string> event_json(const store::Event& event, const EventFilter& filter) {
    if (event.kind() != filter.kind || (!filter.wiki.empty() && filter.wiki != event.wiki))
        return std::nullopt;
    if (event.kind() == store::EventKind::import)
        return import_json(event);
    std::string lists[3];
    const std::string* stored[3] = {&event.appeared, &event.disappeared, &event.changed};
    if (filter.looks_into_pairs()) {
        bool any = false;
        for (std::size_t i = 0; i < 3; ++i) {
            lists[i] = narrowed(*stored[i], filter);
            any = any || lists[i] != "[]";
            stored[i] = &lists[i];
        }
        if (!any)
            return std::nullopt;
    }
    std::string out;
    append_member(out, "{\"id\":\"", event.place.to_string());
    append_member(out, ",\"wiki\":\"", event.wiki);
    append_member(out, ",\"entity\":\"", event.entity);
    out += ",\"revision\":" + std::to_string(event.revision);
    out += event.deleted ? ",\"deleted\":true" : ",\"deleted\":false";
    append_member(out, ",\"created_at\":\"", event.created_at);
    append_list(out, ",\"appeared\":", *stored[0]);
    append_list(out, ",\"disappeared\":", *stored[1]);
    append_list(out, ",\"changed\":", *stored[2]);
    out += '}';
    return out;
}

std::string stream_text(const store::EventPlace& place, const std::string& json,
                        store::EventKind kind) {
    return "id: " + place.to_string() +
           (kind == store::EventKind::import ? "\nevent: import\ndata: "
                                             : "\nevent: result\ndata: ") +
           json + "\n\n";
}

} // namespace runner::publish
