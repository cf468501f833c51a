// SPDX-License-Identifier: GPL-2.0-or-later
// Item requires statement: the entity has a statement with the other property, perhaps with one of
// the listed values. WBQC: ItemChecker, which takes deprecated statements too.
#include "checks/entity_index.hpp"
#include "checks/property_and_items.hpp"
#include "checks/row.hpp"

namespace runner::checks {

namespace {

using property_and_items::Own;

Verdict run(const Context& context, const Own& own) {
    const auto others = context.index->statements(*own.property);
    const auto* required = context.index->memory().once<entity::Statement>(
        context.entity, &own, others.size(), [&]() -> const entity::Statement* {
            for (const entity::Statement* other : others)
                if (own.items->empty() || own.set.matches(other->main))
                    return other;
            return nullptr;
        });
    if (required != nullptr)
        return Status::compliance;
    ViolationMessage message("item");
    message.entity_id(context.snak->property, Role::constraint_property);
    message.entity_id(*own.property, Role::predicate);
    message.item_value_list(*own.items, Role::object);
    return Verdict::violation(std::move(message));
}

} // namespace

extern constexpr CheckRow item_requires_statement_row = row<Own, run>({
    .name = "item-requires-statement",
    .type = config::ConstraintId::ItemRequiresClaimConstraint,
    .contexts = main_snak_else_todo,
    .default_contexts = by_default_on_main_snak,
    .entity_types = on_all_entities,
});

} // namespace runner::checks
