// SPDX-License-Identifier: GPL-2.0-or-later
// Item requires, beside: in the same qualifiers or reference there is a snak with the other property,
// perhaps with one of the listed values. The runner's own reading of item requires statement
// constraints.
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
    if (snaks_beside::find(context, own) != nullptr)
        return Status::compliance;
    ViolationMessage message("item-requires-beside");
    message.entity_id(context.snak->property, Role::constraint_property);
    message.entity_id(*own.property, Role::predicate);
    message.item_value_list(*own.items, Role::object);
    return Verdict::violation(std::move(message));
}

} // namespace

extern const CheckRow item_requires_beside_row; // for registry.cpp
const CheckRow item_requires_beside_row{
    .name = "item-requires-beside",
    .type = config::ConstraintId::ItemRequiresClaimConstraint,
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
