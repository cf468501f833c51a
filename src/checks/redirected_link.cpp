// SPDX-License-Identifier: GPL-2.0-or-later
#include "checks/redirected_link.hpp"

#include "checks/back_link.hpp"
#include "checks/entity_index.hpp"
#include "checks/time_budget.hpp"

#include <string>

namespace runner::checks {

namespace {

constexpr std::size_t most_links = 50; // each is an entity to load, to see whether it redirects

const entity::EntityId* linked(const entity::Statement& statement, entity::PropertyId property) {
    return statement.main.property == property && statement.main.type == entity::SnakType::value
               ? entity::entity_id_of(statement.main.value)
               : nullptr;
}

} // namespace

void add_links(const entity::Entity& value, entity::PropertyId property,
               const entity::EntityId& subject, std::vector<entity::EntityId>& out) {
    const std::size_t before = out.size();
    for (const entity::Statement& statement : value.statements) {
        const auto* id = linked(statement, property);
        if (id == nullptr || id->type != subject.type)
            continue;
        if (*id == subject || out.size() == before + most_links) {
            out.resize(before);
            return;
        }
        out.push_back(*id);
    }
}

Verdict check_redirected_link(const Context& context, const Constraint& constraint,
                              entity::PropertyId property, std::string_view key) {
    Verdict verdict = check_back_link(context, constraint, property, key);
    const auto* id = context.snak->type == entity::SnakType::value
                         ? entity::entity_id_of(context.snak->value)
                         : nullptr;
    const entity::Entity* value = id != nullptr ? context.facts->target(*id) : nullptr;
    if (verdict.status != Status::violation || value == nullptr)
        return verdict;
    const auto first = [&](const void* by, auto holds) {
        return context.index->memory().once<entity::Statement>(
            value, by, value->statements.size(), [&]() -> const entity::Statement* {
                for (const entity::Statement& statement : value->statements)
                    if (const auto* link = linked(statement, property);
                        link != nullptr && holds(*link))
                        return &statement;
                return nullptr;
            });
    };
    const auto is_subject = [&](const entity::EntityId& link) {
        const entity::Entity* target = context.facts->target(link);
        return target != nullptr && target->id == context.entity->id;
    };
    if (first(&constraint.type, is_subject) != nullptr)
        return Status::compliance;
    const auto* unknown = first(&constraint.property, [&](const entity::EntityId& link) {
        return !context.facts->target_problem(link).empty();
    });
    if (unknown == nullptr)
        return verdict;
    context.budget->note(std::string(context.facts->target_problem(*linked(*unknown, property))));
    return Status::todo;
}

} // namespace runner::checks
