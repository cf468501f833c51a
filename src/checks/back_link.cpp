// SPDX-License-Identifier: GPL-2.0-or-later
// See back_link.hpp. Follows WBQC's InverseChecker and SymmetricChecker.
#include "checks/back_link.hpp"

#include "checks/entity_index.hpp"
#include "checks/wrong_value.hpp"

namespace runner::checks {

Verdict check_back_link(const Context& context, const Constraint& constraint,
                        entity::PropertyId property, std::string_view key) {
    if (context.snak->type != entity::SnakType::value)
        return Status::compliance;
    const auto* id = entity::entity_id_of(context.snak->value);
    if (id == nullptr)
        return entity_needed(constraint);
    const entity::Entity* target = context.facts->target(*id);
    if (target == nullptr)
        return Verdict::violation(ViolationMessage("target-entity-must-exist"));
    const auto* link = context.index->memory().once<entity::Statement>(
        target, &constraint, target->statements.size(), [&]() -> const entity::Statement* {
            for (const entity::Statement& statement : target->statements) {
                if (statement.main.property != property ||
                    statement.main.type != entity::SnakType::value)
                    continue;
                const auto* back = entity::entity_id_of(statement.main.value);
                if (back != nullptr && *back == context.entity->id)
                    return &statement;
            }
            return nullptr;
        });
    if (link != nullptr)
        return Verdict{Status::compliance}.depending_on(*id);
    ViolationMessage message(key);
    message.entity_id(*id, Role::subject);
    message.entity_id(property, Role::predicate);
    message.entity_id(context.entity->id, Role::object);
    return Verdict::violation(std::move(message)).depending_on(*id);
}

} // namespace runner::checks
