// SPDX-License-Identifier: GPL-2.0-or-later
// Conflicts with: the entity has no statement with the other property, or none with one of the
// listed values of it. WBQC: ConflictsWithChecker.
#include "checks/check.hpp"
#include "checks/entity_index.hpp"
#include "checks/item_set.hpp"
#include "checks/property_and_items.hpp"

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

Verdict run(const Context& context, const Constraint&, const Parameters* parameters,
            const CheckSettings&) {
    if (context.deprecated())
        return Status::deprecated;
    const auto& own = *static_cast<const Own*>(parameters);
    if (const ViolationMessage* problem = property_and_items::problem_of(own))
        return Verdict::bad_parameters(*problem);
    const entity::Statement* other = conflicting(context, own);
    return other == nullptr ? Verdict{Status::compliance}
                            : property_and_items::conflict(context, own, other->main);
}

} // namespace

extern const CheckRow conflicts_with_row; // for registry.cpp
const CheckRow conflicts_with_row{
    .name = "conflicts-with",
    .type = config::ConstraintId::ConflictsWithConstraint,
    .contexts = main_snak_else_todo,
    .default_contexts = by_default_on_main_snak,
    .entity_types = on_all_entities,
    .read = property_and_items::read,
    .run = run,
    .validate = property_and_items::validate,
};

} // namespace runner::checks
