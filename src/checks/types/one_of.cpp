// SPDX-License-Identifier: GPL-2.0-or-later
// One of: the value is one of the listed items. WBQC: OneOfChecker.
#include "checks/items_parameter.hpp"
#include "checks/row.hpp"

namespace runner::checks {

namespace {

using items_parameter::Own;

Verdict run(const Context& context, const Own& own) {
    if (own.set.matches(*context.snak))
        return Status::compliance;
    ViolationMessage message("one-of");
    message.entity_id(context.snak->property, Role::predicate);
    message.item_value_list(*own.items, Role::object);
    return Verdict::violation(std::move(message));
}

} // namespace

extern constexpr CheckRow one_of_row = row<Own, run>({
    .name = "one-of",
    .type = config::ConstraintId::OneOfConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = on_all_entities,
});

} // namespace runner::checks
