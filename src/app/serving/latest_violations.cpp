// SPDX-License-Identifier: GPL-2.0-or-later
// See latest_violations.hpp. Events name pairs; the messages are in the stored results.
#include "app/serving/latest_violations.hpp"

#include "results/sentence.hpp"
#include "store/lists/event_store.hpp"
#include "store/results/result_values.hpp"

#include <boost/json.hpp>

#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace runner::app {

namespace {

namespace json = boost::json;

constexpr std::uint32_t last_events = 100;
constexpr std::size_t most_of_entity = 3; // one entity must not fill the page

std::string text_in(const json::object& object, std::string_view key) {
    const json::value* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

/// Those pairs of the event that the result still has.
std::vector<ops::FoundViolation> still_there(const store::Event& event,
                                             const results::Sentences& sentences) {
    std::vector<ops::FoundViolation> found;
    const json::value pairs = json::parse(event.appeared);
    for (const json::value& each : pairs.as_array()) {
        const json::object* pair = each.if_object();
        if (pair == nullptr || found.size() == most_of_entity)
            continue;
        const auto said =
            sentences.find({text_in(*pair, "statement"), text_in(*pair, "constraint")});
        if (said != sentences.end())
            found.push_back({event.wiki, event.entity, text_in(*pair, "status"), said->second,
                             event.created_at});
    }
    return found;
}

} // namespace

std::vector<ops::FoundViolation> latest_violations(store::Session& session, std::size_t most) {
    const auto events =
        store::EventStore(session).latest_appeared(last_events, static_cast<std::uint32_t>(most));
    std::map<std::string, std::vector<std::string>> entities; // by wiki
    for (const store::Event& event : events)
        entities[event.wiki].push_back(event.entity);
    std::map<std::pair<std::string, std::string>, results::Sentences> sentences;
    for (const auto& [wiki, names] : entities)
        store::read_values(session, wiki, names,
                           [&, &wiki = wiki](std::string_view entity, std::string_view value,
                                             std::string_view own) {
                               sentences.try_emplace({wiki, std::string(entity)},
                                                     results::sentences_if_any(value, {}, own));
                           });
    std::vector<ops::FoundViolation> found;
    for (const store::Event& event : events) {
        auto& of_entity = sentences[{event.wiki, event.entity}];
        for (ops::FoundViolation& violation : still_there(event, of_entity))
            if (found.size() < most)
                found.push_back(std::move(violation));
        of_entity.clear(); // an older event of the entity would repeat them
    }
    return found;
}

} // namespace runner::app
