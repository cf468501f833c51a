// SPDX-License-Identifier: GPL-2.0-or-later
// None of: the value is none of the listed items. WBQC: NoneOfChecker.
#include "checks/items_parameter.hpp"
#include "checks/row.hpp"

namespace runner::checks {

namespace {

using items_parameter::Own;

Verdict run(const Context& context, const Own& own) {
    if (!own.set.matches(*context.snak))
        return Status::compliance;
    ViolationMessage message("none-of");
    message.entity_id(context.snak->property, Role::predicate);
    message.item_value_list(*own.items, Role::object);
    return Verdict::violation(std::move(message));
}

} // namespace

extern constexpr CheckRow none_of_row = row<Own, run>({
    .name = "none-of",
    .type = config::ConstraintId::NoneOfConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = on_all_entities,
});

} // namespace runner::checks
