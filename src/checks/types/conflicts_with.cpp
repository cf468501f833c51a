// SPDX-License-Identifier: GPL-2.0-or-later
// Conflicts with: the entity has no statement with the other property, or none with one of the
// listed values of it. WBQC: ConflictsWithChecker.
#include "checks/entity_index.hpp"
#include "checks/item_set.hpp"
#include "checks/property_and_items.hpp"
#include "checks/row.hpp"

namespace runner::checks {

namespace {

using property_and_items::Own;

/// The first statement that must not be there, or null.
const entity::Statement* conflicting(const Context& context, const Own& own) {
    const auto others = context.index->statements(*own.property);
    return context.index->memory().once<entity::Statement>(
        context.entity, &own, others.size(), [&]() -> const entity::Statement* {
            for (const entity::Statement* other : others)
                if (other->rank != entity::Rank::deprecated &&
                    (own.items->empty() || own.set.matches(other->main)))
                    return other;
            return nullptr;
        });
}

Verdict run(const Context& context, const Own& own) {
    const entity::Statement* other = conflicting(context, own);
    return other == nullptr ? Verdict{Status::compliance}
                            : property_and_items::conflict(context, own, other->main);
}

} // namespace

extern constexpr CheckRow conflicts_with_row = row<Own, run>({
    .name = "conflicts-with",
    .type = config::ConstraintId::ConflictsWithConstraint,
    .contexts = main_snak_else_todo,
    .default_contexts = by_default_on_main_snak,
    .entity_types = on_all_entities,
});

} // namespace runner::checks
