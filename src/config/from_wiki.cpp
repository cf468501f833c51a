// SPDX-License-Identifier: GPL-2.0-or-later
// See from_wiki.hpp. The wiki's values pass through assign() with their rows, like those of a file.
#include "config/from_wiki.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "config/settings_table.hpp"
#include "config/validators.hpp"
#include "config/value.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <array>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace runner::config {

namespace json = boost::json;

namespace {

struct WikiKey {
    std::string_view key;  ///< of the table of settings
    std::string_view name; ///< in the wiki, for messages
};

constexpr std::array of_wikis{
    WikiKey{"wiki.*.wbqc", "the version of WikibaseQualityConstraints"},
    WikiKey{"wiki.*.concept_base_uri", "the concept base URI"},
    WikiKey{"wiki.*.check_qualifiers", "WBQualityConstraintsCheckQualifiers"},
    WikiKey{"wiki.*.check_references", "WBQualityConstraintsCheckReferences"},
    WikiKey{"wiki.*.check_format_constraint", "WBQualityConstraintsCheckFormatConstraint"},
    WikiKey{"wiki.*.enable_suggestion_constraint_status",
            "WBQualityConstraintsEnableSuggestionConstraintStatus"},
    WikiKey{"wiki.*.properties_with_violating_qualifiers",
            "WBQualityConstraintsPropertiesWithViolatingQualifiers"},
    WikiKey{"wiki.*.start_time_properties", "WBQualityConstraintsStartTimePropertyIds"},
    WikiKey{"wiki.*.end_time_properties", "WBQualityConstraintsEndTimePropertyIds"},
    WikiKey{"wiki.*.year_unit", "WBQualityConstraintsYearUnit"},
    WikiKey{"wiki.*.second_unit", "WBQualityConstraintsSecondUnit"},
};

Raw raw_of(const json::value& value) {
    if (value.is_bool())
        return value.get_bool();
    if (value.is_int64())
        return value.get_int64();
    if (const auto* text = value.if_string())
        return std::string(std::string_view(*text));
    const auto* list = value.if_array();
    const auto* object = value.if_object(); // PHP's list with gaps
    std::vector<std::string> texts;
    const auto add = [&](const json::value& each) {
        if (!each.is_string())
            throw std::invalid_argument("not a list of texts");
        texts.emplace_back(std::string_view(each.get_string()));
    };
    if (list != nullptr)
        for (const json::value& each : *list)
            add(each);
    else if (object != nullptr)
        for (const auto& each : *object)
            add(each.value());
    else
        throw std::invalid_argument("no value of a setting");
    return texts;
}

const json::object& object_in(const json::object& answer, std::string_view name) {
    static const json::object nothing;
    const json::value* value = answer.if_contains(name);
    if (value == nullptr || (value->is_array() && value->get_array().empty()))
        return nothing; // PHP has one empty array
    if (!value->is_object())
        throw std::invalid_argument(fmt::format("\"{}\" is not an object", name));
    return value->get_object();
}

class Taking {
public:
    Taking(const WikiSettings& wiki, const json::object& answer)
        : ours_(wiki), theirs_(wiki), answer_(answer) {}

    WikiSettings run() {
        if (const auto* id = answer_.if_contains("wiki");
            id != nullptr && id->is_string() && id->get_string() != ours_.id)
            contradictions_.push_back(fmt::format(
                "[wiki.{}] is the section of that wiki, but the wiki that was asked is {}",
                ours_.id, std::string_view(id->get_string())));
        const json::object& settings = object_in(answer_, "settings");
        for (const WikiKey& key : of_wikis)
            if (const auto* value = settings.if_contains(name_of(key)))
                take(key, *value);
        for (const auto& [name, value] : object_in(answer_, "ids"))
            if (const auto id = ConstraintIds::find(name))
                take_id(*id, value);
        if (const auto* units = answer_.if_contains("unit_conversion"))
            take_units(*units);
        if (!contradictions_.empty())
            throw base::ConfigError(fmt::format("{}", fmt::join(contradictions_, "; ")));
        return std::move(theirs_);
    }

private:
    static std::string_view name_of(const WikiKey& key) { return find_row(key.key)->name(); }

    /// Where a setting was set, "" when it was not.
    [[nodiscard]] std::string origin(std::string_view name) const {
        const auto at = ours_.origins.find(std::string(name));
        return at == ours_.origins.end() ? std::string() : at->second;
    }

    void contradict(std::string_view name, std::string_view ours, std::string_view theirs_name,
                    std::string_view theirs) {
        contradictions_.push_back(fmt::format("{}: wiki.{}.{} is {}, but {} of the wiki is {}",
                                              origin(name), ours_.id, name, ours, theirs_name,
                                              theirs));
    }

    void take(const WikiKey& key, const json::value& value) {
        const SettingRow& row = *find_row(key.key);
        try {
            assign(row, {nullptr, &theirs_}, raw_of(value), {});
        } catch (const std::invalid_argument& error) {
            throw std::invalid_argument(fmt::format("{}: {}", row.name(), error.what()));
        }
        if (!origin(row.name()).empty() && !same_value(row, {nullptr, &ours_}, {nullptr, &theirs_}))
            contradict(row.name(), literal(row, {nullptr, &ours_}), key.name,
                       literal(row, {nullptr, &theirs_}));
    }

    void take_id(ConstraintId id, const json::value& value) {
        const ConstraintIdRow& row = constraint_id_table[static_cast<std::size_t>(id)];
        const std::string text =
            value.is_string() ? std::string(std::string_view(value.get_string())) : std::string();
        if (const auto problem = entity_id_problem(text, row.default_id[0]); !problem.empty())
            throw std::invalid_argument(fmt::format("{}: {}", row.setting, problem));
        theirs_.ids.set(id, text);
        const std::string name = "ids." + std::string(row.setting);
        if (!origin(name).empty() && ours_.ids[id] != text)
            contradict(name, ours_.ids[id], row.setting, text);
    }

    void take_units(const json::value& units) {
        if (!units.is_null() && !units.is_object() &&
            !(units.is_array() && units.get_array().empty()))
            throw std::invalid_argument("\"unit_conversion\" is not an object");
        const bool none = !units.is_object() || units.get_object().empty();
        theirs_.unit_conversion_json =
            none ? nullptr : std::make_shared<const std::string>(json::serialize(units));
        if (ours_.unit_conversion.empty())
            return;
        json::error_code failed;
        const auto file = json::parse(base::read_file(ours_.unit_conversion), failed);
        if (failed || file != units)
            contradict("unit_conversion", ours_.unit_conversion.string(), "unitStorage",
                       none ? "not set" : "another conversion");
    }

    WikiSettings ours_; // rows lead to values that could be changed: a copy
    WikiSettings theirs_;
    const json::object& answer_;
    std::vector<std::string> contradictions_;
};

} // namespace

void take_from_wiki(WikiSettings& wiki, std::string_view answer) {
    json::error_code failed;
    const json::value parsed = json::parse({answer.data(), answer.size()}, failed);
    if (failed || !parsed.is_object())
        throw base::DataError("the wiki's settings are not a JSON object");
    try {
        wiki = Taking(wiki, parsed.get_object()).run();
    } catch (const std::invalid_argument& error) {
        throw base::DataError(fmt::format("invalid settings from the wiki: {}", error.what()));
    }
}

} // namespace runner::config
