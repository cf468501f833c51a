// SPDX-License-Identifier: GPL-2.0-or-later
#include "app/proof/php_engine.hpp"

#include "base/utf8.hpp"
#include "checks/time_math.hpp"
#include "results/json.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace runner::app {

namespace json = boost::json;

namespace {

/// The text in which values of an answer stand again; the order of members stays.
std::string text_of(const json::value& value) { return json::serialize(value); }

std::uint64_t number(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    boost::system::error_code error;
    const auto n = value == nullptr ? 0 : value->to_number<std::uint64_t>(error);
    if (value == nullptr || error)
        throw base::DataError(fmt::format("\"{}\" is not a number", name));
    return n;
}

std::string_view string(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    if (value == nullptr || !value->is_string())
        throw base::DataError(fmt::format("\"{}\" is not a string", name));
    return value->get_string();
}

const json::object& member_object(const json::object& object, std::string_view name) {
    static const json::object empty;
    const json::value* value = object.if_contains(name);
    if (value != nullptr && value->is_object())
        return value->get_object();
    if (value != nullptr && value->is_array() && value->get_array().empty())
        return empty; // PHP has one empty array
    throw base::DataError(fmt::format("\"{}\" is not an object", name));
}

const json::array& array(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    if (value == nullptr || !value->is_array())
        throw base::DataError(fmt::format("\"{}\" is not an array", name));
    return value->get_array();
}

const json::object& as_object(const json::value& value, std::string_view what) {
    if (!value.is_object())
        throw base::DataError(fmt::format("{} is not an object", what));
    return value.get_object();
}

results::Violation violation_of(const json::object& row) {
    results::Violation violation;
    violation.statement = string(row, "statement");
    violation.constraint = string(row, "constraint_id");
    violation.property.number = static_cast<std::uint32_t>(number(row, "property"));
    violation.type = string(row, "type");
    const auto status = results::status_from(string(row, "status"));
    if (!status || !results::is_stored(*status))
        throw base::DataError("a violation with an unknown status");
    violation.status = *status;
    violation.message_key = string(row, "message_key");
    return violation;
}

std::vector<results::Dependency> dependencies_of(const json::object& value) {
    std::vector<results::Dependency> dependencies;
    const json::object& revisions = member_object(value, "latestRevisionIds");
    for (const auto& [id, revision] : revisions)
        if (const auto entity = entity::EntityId::parse(id))
            dependencies.push_back({*entity, number(revisions, id)});
    return dependencies;
}

/// The time from which on a value with `futureTime` is another one; empty: none.
std::optional<std::int64_t> changes_at(const json::object& value) {
    const json::value* time = value.if_contains("futureTime");
    if (time == nullptr || !time->is_object())
        return std::nullopt;
    entity::TimeValue future;
    future.time = string(time->get_object(), "time");
    if (const json::value* zone = time->get_object().if_contains("timezone"))
        future.timezone = static_cast<int>(zone->is_int64() ? zone->get_int64() : 0);
    return checks::database_time(checks::timestamp(future));
}

/// WBQC's order: by status, property, hash of the snak, null results first, constraint type.
using Place = std::tuple<std::size_t, std::string, std::string, std::string>;

Place place_of(const json::value& result) {
    Place place{results::status_count, {}, {}, {}};
    const json::object* object = result.if_object();
    const auto text = [](const json::object* from, std::string_view name) {
        const json::value* value = from != nullptr ? from->if_contains(name) : nullptr;
        return value != nullptr && value->is_string() ? std::string(value->get_string())
                                                      : std::string();
    };
    const auto inner = [&](std::string_view name) {
        const json::value* value = object != nullptr ? object->if_contains(name) : nullptr;
        return value != nullptr ? value->if_object() : nullptr;
    };
    if (const auto status = results::status_from(text(object, "s")))
        std::get<0>(place) = static_cast<std::size_t>(*status);
    std::get<1>(place) = text(inner("|"), "p");
    std::get<2>(place) = text(inner("|"), "h");
    std::get<3>(place) = text(inner("c"), "qid");
    return place;
}

} // namespace

PhpCheck parse_php_check(std::string_view text, const entity::EntityId& entity) {
    boost::system::error_code error;
    const json::value parsed =
        json::parse({text.data(), text.size()}, error, {}, {.max_depth = 100});
    if (error)
        throw base::DataError("the response of a PHP worker is not JSON: " + error.message());
    const json::object& answer = as_object(parsed, "the response of a PHP worker");
    if (const json::value* refused = answer.if_contains("error"))
        throw php::WorkersUnavailable(
            "the PHP worker says: " +
            std::string(
                base::utf8_prefix(string(as_object(*refused, "an error"), "message"), 500)));
    if (entity::EntityId::parse(string(answer, "id")) != entity)
        throw base::DataError("a response about another entity than " + entity.to_string());
    PhpCheck check;
    const std::string_view state = string(answer, "state");
    if (state != "found") {
        if (state != "missing" && state != "redirect")
            throw base::DataError("unknown state");
        check.state = state == "missing" ? source::State::missing : source::State::redirect;
        return check;
    }
    check.state = source::State::found;
    check.revision = number(answer, "revision");
    results::StoredResult& result = check.result;
    result.entity = entity;
    result.revision = check.revision;
    result.engine = "php";
    result.duration_us = number(answer, "duration_us");
    const json::object& counts = member_object(answer, "counts");
    for (std::size_t i = 0; i < results::status_count; ++i)
        if (counts.contains(results::status_names[i]))
            result.counts[i] = static_cast<std::uint32_t>(number(counts, results::status_names[i]));
    for (const json::value& row : array(answer, "violations"))
        result.violations.push_back(violation_of(as_object(row, "a violation")));
    const json::object& value = member_object(answer, "value");
    (void)array(value, "results");
    result.dependencies = dependencies_of(value);
    result.value = text_of(value);
    result.changes_at = changes_at(value);
    check.all_results = text_of(array(answer, "results"));
    return check;
}

void add_results(results::StoredResult& native, const PhpCheck& php) {
    const results::StoredResult& more = php.result;
    json::value value = json::parse(native.value);
    json::object& object = value.as_object();
    const json::value added = json::parse(more.value);

    json::array& all = object.at("results").as_array();
    for (const json::value& result : added.at("results").as_array()) {
        if (!result.is_object() || !result.get_object().contains("c"))
            continue; // null results are there already
        const Place place = place_of(result);
        const auto* const behind = std::find_if(
            all.begin(), all.end(), [&](const auto& each) { return place < place_of(each); });
        all.insert(behind, result);
    }
    if (object.at("latestRevisionIds").is_array())
        object["latestRevisionIds"] = json::object();
    json::object& revisions = object.at("latestRevisionIds").as_object();
    for (const results::Dependency& dependency : more.dependencies)
        if (revisions.emplace(dependency.id.to_string(), dependency.revision).second) {
            const auto same = std::find_if(
                native.dependencies.begin(), native.dependencies.end(),
                [&](const results::Dependency& each) { return each.id == dependency.id; });
            if (same != native.dependencies.end())
                same->named = true; // the native engine has read it too
            else
                native.dependencies.push_back(dependency);
        }
    if (const json::value* time = added.as_object().if_contains("futureTime");
        time != nullptr && more.changes_at &&
        (!native.changes_at || *more.changes_at < *native.changes_at)) {
        object["futureTime"] = *time;
        native.changes_at = more.changes_at;
    }
    native.value = text_of(value);

    std::uint32_t checked = 0;
    for (std::size_t i = 0; i < results::status_count; ++i) {
        native.counts[i] += more.counts[i];
        checked += more.counts[i];
    }
    std::uint32_t& todo = native.counts[static_cast<std::size_t>(results::Status::todo)];
    todo -= std::min(todo, checked); // what the native engine counted for the same constraints
    native.violations.insert(native.violations.end(), more.violations.begin(),
                             more.violations.end());
    std::sort(native.violations.begin(), native.violations.end(),
              [](const results::Violation& a, const results::Violation& b) {
                  return std::tie(a.statement, a.constraint) < std::tie(b.statement, b.constraint);
              });
    native.engine = "native+php";
}

bool PhpEngine::knows(const std::string& type) {
    const std::string greeting = workers_->greeting();
    const std::lock_guard lock(mutex_);
    if (greeting != greeting_) { // a worker of a wiki that was updated meanwhile
        types_.reset();
        const json::value parsed = json::parse(greeting); // the pool has read it already
        if (const json::value* list = parsed.as_object().if_contains("types");
            list != nullptr && list->is_array()) {
            types_.emplace();
            for (const json::value& each : list->get_array())
                if (each.is_string())
                    types_->emplace(each.get_string());
        }
        greeting_ = greeting;
    }
    return !types_ || types_->contains(type);
}

PhpCheck PhpEngine::check(const entity::EntityId& entity, std::span<const std::string> constraints,
                          php::Urgency urgency) {
    std::string request = R"({"service":"check","entity":")" + entity.to_string() + '"';
    if (!constraints.empty()) {
        request += ",\"constraints\":[";
        for (const std::string& constraint : constraints) {
            if (request.back() != '[')
                request += ',';
            results::append_json_string(request, constraint);
        }
        request += ']';
    }
    request += '}';
    try {
        return parse_php_check(workers_->ask(request, urgency), entity);
    } catch (const base::DataError& error) {
        throw php::WorkersUnavailable(workers_->name() + ": " + error.what());
    }
}

} // namespace runner::app
