// SPDX-License-Identifier: GPL-2.0-or-later
// Item requires, beside: in the same qualifiers or reference there is a snak with the other
// property, perhaps with one of the listed values. The runner's own reading of item requires
// statement constraints.
#include "checks/snaks_beside.hpp"

namespace runner::checks {

namespace {

using property_and_items::Own;

Verdict run(const Context& context, const Own& own) {
    if (snaks_beside::find(context, own) != nullptr)
        return Status::compliance;
    ViolationMessage message("item-requires-beside");
    message.entity_id(context.snak->property, Role::constraint_property);
    message.entity_id(*own.property, Role::predicate);
    message.item_value_list(*own.items, Role::object);
    return Verdict::violation(std::move(message));
}

} // namespace

extern constexpr CheckRow item_requires_beside_row = snaks_beside::row<run>(
    "item-requires-beside", config::ConstraintId::ItemRequiresClaimConstraint);

} // namespace runner::checks
