// SPDX-License-Identifier: GPL-2.0-or-later
// Value requires statement: the entity that the value links to has a statement with the other
// property, perhaps with one of the listed values. WBQC: TargetRequiredClaimChecker.
#include "checks/entity_index.hpp"
#include "checks/property_and_items.hpp"
#include "checks/row.hpp"
#include "checks/wrong_value.hpp"

namespace runner::checks {

namespace {

using property_and_items::Own;

Verdict run(const Context& context, const Constraint& constraint, const Own& own) {
    if (context.snak->type != entity::SnakType::value)
        return Status::compliance;
    const auto* id = entity::entity_id_of(context.snak->value);
    if (id == nullptr)
        return entity_needed(constraint);
    const entity::Entity* target = context.facts->target(*id);
    if (target == nullptr)
        return Verdict::violation(ViolationMessage("target-entity-must-exist"));
    const auto* required = context.index->memory().once<entity::Statement>(
        target, &own, target->statements.size(), [&]() -> const entity::Statement* {
            for (const entity::Statement& statement : target->statements)
                if (statement.main.property == *own.property &&
                    (own.items->empty() || own.set.matches(statement.main)))
                    return &statement;
            return nullptr;
        });
    if (required != nullptr)
        return Verdict{Status::compliance}.depending_on(*id);
    ViolationMessage message("target-required-claim");
    message.entity_id(*id, Role::subject);
    message.entity_id(*own.property, Role::predicate);
    message.item_value_list(*own.items, Role::object);
    return Verdict::violation(std::move(message)).depending_on(*id);
}

} // namespace

extern constexpr CheckRow value_requires_statement_row = row<Own, run>({
    .name = "value-requires-statement",
    .type = config::ConstraintId::ValueRequiresClaimConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = on_all_entities,
    .needs = Needs::value,
});

} // namespace runner::checks
