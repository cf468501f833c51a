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

Verdict run(const Context& context, const Constraint&, const Parameters* parameters,
            const CheckSettings&) {
    if (context.deprecated())
        return Status::deprecated;
    const auto& own = *static_cast<const Own*>(parameters);
    if (!own.property)
        return Verdict::bad_parameters(own.property.error());
    if (!own.items)
        return Verdict::bad_parameters(own.items.error());
    for (const entity::Statement* other : context.index->statements(*own.property)) {
        if (other->rank == entity::Rank::deprecated)
            continue;
        if (own.items->empty()) {
            ViolationMessage message("conflicts-with-property");
            message.entity_id(context.snak->property, Role::constraint_property);
            message.entity_id(*own.property, Role::predicate);
            return Verdict::violation(std::move(message));
        }
        if (own.set.matches(other->main)) {
            ViolationMessage message("conflicts-with-claim");
            message.entity_id(context.snak->property, Role::constraint_property);
            message.entity_id(*own.property, Role::predicate);
            message.item_value(item_value_of(other->main), Role::object);
            return Verdict::violation(std::move(message));
        }
    }
    return Status::compliance;
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
