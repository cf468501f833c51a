// SPDX-License-Identifier: GPL-2.0-or-later
// One of: the value is one of the listed items. WBQC: OneOfChecker.
#include "checks/check.hpp"
#include "checks/items_parameter.hpp"

namespace runner::checks {

namespace {

using items_parameter::Own;

Verdict run(const Context& context, const Constraint&, const Parameters* parameters,
            const CheckSettings&) {
    if (context.deprecated())
        return Status::deprecated;
    const auto& own = *static_cast<const Own*>(parameters);
    if (!own.items)
        return Verdict::bad_parameters(own.items.error());
    if (own.set.matches(*context.snak))
        return Status::compliance;
    ViolationMessage message("one-of");
    message.entity_id(context.snak->property, Role::predicate);
    message.item_value_list(*own.items, Role::object);
    return Verdict::violation(std::move(message));
}

} // namespace

extern const CheckRow one_of_row; // for registry.cpp
const CheckRow one_of_row{
    .name = "one-of",
    .type = config::ConstraintId::OneOfConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = on_all_entities,
    .read = items_parameter::read,
    .run = run,
    .validate = items_parameter::validate,
};

} // namespace runner::checks
