// SPDX-License-Identifier: GPL-2.0-or-later
#include "checks/fix.hpp"

#include "results/json.hpp"

#include <algorithm>
#include <vector>

namespace runner::checks {

namespace {

/// As JSON; empty: no program can use it ("unknown value", or no property where one is needed).
std::string replacement(const entity::Snak& snak, bool property) {
    if (snak.type == entity::SnakType::novalue)
        return "null";
    if (snak.type != entity::SnakType::value)
        return {};
    std::string out;
    if (!property) {
        if (std::holds_alternative<entity::OtherValue>(snak.value))
            return {};
        results::append_json(out, snak.value);
        return out;
    }
    const auto* id = entity::entity_id_of(snak.value);
    if (id != nullptr && id->type == entity::EntityType::property)
        results::append_json_string(out, id->to_string());
    return out;
}

void append(std::string& out, std::string_view name, bool property,
            const std::vector<const entity::Snak*>* snaks) {
    if (snaks == nullptr)
        return;
    std::vector<std::string> values;
    for (const entity::Snak* snak : *snaks) {
        std::string value = replacement(*snak, property);
        if (!value.empty() && std::find(values.begin(), values.end(), value) == values.end())
            values.push_back(std::move(value));
    }
    if (values.empty())
        return;
    out.append("\"").append(name).append(values.size() == 1 ? "\":" : "\":[");
    for (const std::string& value : values)
        out += (&value == &values.front() ? "" : ",") + value;
    out += values.size() == 1 ? "," : "],";
}

} // namespace

std::string fix_of(const constraints::Constraint& constraint,
                   const constraints::Vocabulary& vocabulary) {
    using config::ConstraintId;
    std::string out;
    append(out, "replace_property", true,
           constraint.parameter(vocabulary.property(ConstraintId::ReplacementProperty)));
    append(out, "replace_value", false,
           constraint.parameter(vocabulary.property(ConstraintId::ReplacementValue)));
    return out.empty() ? out : "{" + out + "\"own\":true}";
}

} // namespace runner::checks
