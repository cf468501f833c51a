// SPDX-License-Identifier: GPL-2.0-or-later
// Conflicts with, beside: in the same qualifiers or reference there is no snak with the other property, or
// none with one of the listed values of it. The runner's own reading of conflicts with constraints.
#include "checks/snaks_beside.hpp"

namespace runner::checks {

namespace {

using property_and_items::Own;

Verdict run(const Context& context, const Constraint&, const Parameters* parameters,
            const CheckSettings&) {
    const auto& own = *static_cast<const Own*>(parameters);
    if (!own.property)
        return Verdict::bad_parameters(own.property.error());
    if (!own.items)
        return Verdict::bad_parameters(own.items.error());
    const entity::Snak* other = snaks_beside::find(context, own);
    if (other == nullptr)
        return Status::compliance;
    ViolationMessage message(own.items->empty() ? "conflicts-with-property"
                                                : "conflicts-with-claim");
    message.entity_id(context.snak->property, Role::constraint_property);
    message.entity_id(*own.property, Role::predicate);
    if (!own.items->empty())
        message.item_value(item_value_of(*other), Role::object);
    return Verdict::violation(std::move(message));
}

} // namespace

extern const CheckRow conflicts_with_beside_row; // for registry.cpp
const CheckRow conflicts_with_beside_row{
    .name = "conflicts-with-beside",
    .type = config::ConstraintId::ConflictsWithConstraint,
    .contexts = snaks_beside::contexts,
    .default_contexts = by_default_on_main_snak,
    .entity_types = on_all_entities,
    .read = property_and_items::read,
    .run = run,
    .validate = property_and_items::validate,
    .extra = config::Extra::beside,
    .concerns = snaks_beside::names_no_classes,
};

} // namespace runner::checks
