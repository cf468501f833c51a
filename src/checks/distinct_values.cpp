// SPDX-License-Identifier: GPL-2.0-or-later
// Distinct values: no other entity has the same value. WBQC: UniqueValueChecker, with the answers
// that its SPARQL queries would get. Where nobody keeps an index of values, the check is left to
// do, as by WBQC without an endpoint.
#include "checks/distinct_values.hpp"

#include "base/sha1.hpp"
#include "checks/check.hpp"
#include "checks/contexts.hpp"
#include "checks/engine.hpp"
#include "checks/property_checks.hpp"
#include "checks/rdf_value.hpp"
#include "checks/separators_parameter.hpp"

#include <algorithm>
#include <optional>

namespace runner::checks {

namespace {

using separators_parameter::Own;

/// With its length, so that no two lists of fields make the same text.
void append_field(std::string& out, std::string_view field) {
    out.append(std::to_string(field.size())).append(":").append(field);
}

/// The values that a statement has for a separator qualifier. An unknown value is another one in
/// every statement.
void append_separator(std::string& out, entity::PropertyId separator,
                      const entity::Statement& statement) {
    std::vector<std::string> values;
    for (const entity::Snak& qualifier : statement.qualifiers) {
        if (qualifier.property != separator)
            continue;
        std::string value;
        switch (qualifier.type) {
        case entity::SnakType::value: append_rdf_value(value, qualifier.value); break;
        case entity::SnakType::somevalue: value.append("unknown ").append(statement.guid); break;
        case entity::SnakType::novalue: value = "none"; break;
        }
        if (!value.empty())
            values.push_back(std::move(value));
    }
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    append_field(out, separator.to_string());
    append_field(out, std::to_string(values.size()));
    for (const std::string& value : values)
        append_field(out, value);
}

/// WBQC asks for the whole value node there: precision, unit and bounds count.
bool is_full_value(const entity::DataValue& value) noexcept {
    return std::holds_alternative<entity::TimeValue>(value) ||
           std::holds_alternative<entity::QuantityValue>(value) ||
           std::holds_alternative<entity::GlobeCoordinate>(value);
}

/// Empty when no other entity can have the same: an unknown value or none.
std::optional<results::ValueKey> key_of(results::ContextType type,
                                        const entity::Statement& statement,
                                        const entity::Snak& snak,
                                        std::vector<entity::PropertyId> separators) {
    if (snak.type != entity::SnakType::value)
        return std::nullopt;
    std::string text;
    append_field(text, results::to_string(type));
    append_field(text, snak.property.to_string());
    std::string value;
    if (type != results::ContextType::statement && is_full_value(snak.value))
        value = snak.hash;
    else if (!append_rdf_value(value, snak.value))
        return std::nullopt;
    append_field(text, value);
    if (type == results::ContextType::statement) {
        std::sort(separators.begin(), separators.end());
        separators.erase(std::unique(separators.begin(), separators.end()), separators.end());
        for (const entity::PropertyId separator : separators)
            append_separator(text, separator, statement);
    }
    const auto hash = base::sha1(text);
    results::ValueKey key;
    std::copy_n(hash.begin(), key.size(), key.begin());
    return key;
}

Verdict run(const Context& context, const Constraint& constraint, const Parameters* parameters,
            const CheckSettings&) {
    if (context.deprecated())
        return Status::deprecated;
    if (!context.facts->values_known()) {
        ViolationMessage message("not-yet-implemented");
        message.entity_id(constraint.type, Role::constraint_type_item);
        return {Status::todo, std::move(message)};
    }
    const auto& separators = static_cast<const Own*>(parameters)->separators;
    if (!separators)
        return Verdict::bad_parameters(separators.error());
    const auto key = key_of(context.type, *context.statement, *context.snak, *separators);
    const auto others = key ? context.facts->sharers(*key) : std::span<const entity::EntityId>{};
    if (others.empty())
        return Status::compliance;
    ViolationMessage message("unique-value");
    message.entity_id_list(others, Role::subject);
    return Verdict::violation(std::move(message));
}

bool in_scope_of_any_entity(const PreparedConstraint& constraint, results::ContextType type) {
    const auto& scope = constraint.scope[static_cast<std::size_t>(type)];
    return !constraint.bad_scope &&
           std::find(scope.begin(), scope.end(), InScope::yes) != scope.end();
}

} // namespace

std::vector<OwnValue> own_values(const Gathered& gathered, const config::WikiSettings& wiki) {
    std::vector<OwnValue> out;
    for_each_context(
        *gathered.entity, wiki,
        [&](results::ContextType type, const entity::Statement& statement,
            const entity::Reference*, const entity::Snak& snak) {
            const PropertyChecks* checks = gathered.property(snak.property);
            if (checks == nullptr || !checks->needs_values())
                return;
            const bool deprecated = statement.rank == entity::Rank::deprecated;
            if (type == results::ContextType::statement && deprecated)
                return;
            for (const PreparedConstraint& constraint : checks->constraints()) {
                if (constraint.row == nullptr || constraint.row->needs != Needs::same_values ||
                    !in_scope_of_any_entity(constraint, type))
                    continue;
                const auto& separators =
                    static_cast<const Own&>(*constraint.parameters).separators;
                if (!separators)
                    continue;
                if (const auto key = key_of(type, statement, snak, *separators))
                    out.push_back({*key, snak.property,
                                   !(type == results::ContextType::qualifier && deprecated)});
            }
        });
    std::sort(out.begin(), out.end(), [](const OwnValue& a, const OwnValue& b) {
        return a.key < b.key || (a.key == b.key && a.indexed && !b.indexed);
    });
    out.erase(std::unique(out.begin(), out.end(),
                          [](const OwnValue& a, const OwnValue& b) { return a.key == b.key; }),
              out.end());
    return out;
}

extern const CheckRow distinct_values_row; // for registry.cpp
const CheckRow distinct_values_row{
    .name = "distinct-values",
    .type = config::ConstraintId::DistinctValuesConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_on_main_snak,
    .entity_types = on_all_entities,
    .needs = Needs::same_values,
    .read = separators_parameter::read,
    .run = run,
    .validate = separators_parameter::validate,
};

} // namespace runner::checks
