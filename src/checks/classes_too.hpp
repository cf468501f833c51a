// SPDX-License-Identifier: GPL-2.0-or-later
// The extra "classes": constraints that list items may also name classes, with a relation, and then
// include the entities of these classes.
#pragma once

#include "checks/class_test.hpp"
#include "checks/entity_index.hpp"
#include "checks/item_set.hpp"
#include "checks/row.hpp"
#include "checks/time_budget.hpp"

#include <optional>
#include <string>

namespace runner::checks::classes_too {

/// Items, and classes.
struct Listed : Parameters {
    Parsed<std::vector<results::ItemValue>> items;
    Parsed<std::vector<entity::EntityId>> classes;
    Parsed<constraints::Relation> relation;
    ItemSet set;
    ClassTest test;
    Listed(const ParameterReader& reader, const CheckSettings& settings)
        : items(reader.items(false)), classes(reader.classes()), relation(reader.relation()) {
        if (items)
            set = ItemSet(*items);
        if (classes && relation)
            test = ClassTest(*classes, *relation, settings.vocabulary);
    }
    [[nodiscard]] auto parsed() const noexcept { return std::tie(items, classes, relation); }
};

/// And the property of the statements that they are about.
struct OfProperty : Listed {
    Parsed<entity::PropertyId> property;
    OfProperty(const ParameterReader& reader, const CheckSettings& settings)
        : Listed(reader, settings), property(reader.property()) {}
    [[nodiscard]] auto parsed() const noexcept {
        return std::tie(property, items, classes, relation);
    }
    /// The values of the other property.
    void others(const entity::Entity& from, const entity::Entity&, const entity::Snak&,
                std::vector<entity::EntityId>& to) const {
        if (first_problem(*this) != nullptr)
            return;
        for (const entity::Statement& statement : from.statements)
            if (statement.main.property == *property &&
                statement.main.type == entity::SnakType::value)
                if (const auto* id = entity::entity_id_of(statement.main.value))
                    to.push_back(*id);
    }
};

/// For CheckRow::concerns.
[[nodiscard]] inline bool names_classes(const Constraint& constraint,
                                        const CheckSettings& settings) {
    return constraint.parameter(settings.vocabulary.property(config::ConstraintId::Class)) !=
           nullptr;
}

/// Whether the value is one of the items, or in one of the classes. Empty when unknown: then the
/// reason is recorded, so that the check is retried.
[[nodiscard]] inline std::optional<bool> matches(const Listed& own, const entity::Snak& snak,
                                                 const Context& context) {
    if (own.set.matches(snak))
        return true;
    const auto* id =
        snak.type == entity::SnakType::value ? entity::entity_id_of(snak.value) : nullptr;
    if (id == nullptr)
        return false;
    if (const auto problem = context.facts->target_problem(*id); !problem.empty()) {
        context.budget->note(std::string(problem));
        return std::nullopt;
    }
    const entity::Entity* target = context.facts->target(*id);
    if (target == nullptr)
        return false;
    if (own.test.holds(*target, context))
        return true;
    if (const std::string& problem = context.facts->class_problem(); !problem.empty()) {
        context.budget->note(problem);
        return std::nullopt;
    }
    return false;
}

/// The first statement with the other property that matches.
struct Found {
    const entity::Statement* statement = nullptr;
    bool unknown = false; ///< none, but of some it can't be told
};

[[nodiscard]] inline Found find(const OfProperty& own, const Context& context,
                                bool deprecated_too) {
    Found out;
    const auto others = context.index->statements(*own.property);
    out.statement = context.index->memory().once<entity::Statement>(
        context.entity, &own, others.size(), [&]() -> const entity::Statement* {
            for (const entity::Statement* other : others)
                if ((deprecated_too || other->rank != entity::Rank::deprecated) &&
                    matches(own, other->main, context).value_or(false))
                    return other;
            return nullptr;
        });
    if (out.statement == nullptr)
        out.unknown =
            context.index->memory().once<entity::Statement>(
                context.entity, &own.classes, others.size(), [&]() -> const entity::Statement* {
                    for (const entity::Statement* other : others)
                        if ((deprecated_too || other->rank != entity::Rank::deprecated) &&
                            !matches(own, other->main, context))
                            return other;
                    return nullptr;
                }) != nullptr;
    return out;
}

} // namespace runner::checks::classes_too
