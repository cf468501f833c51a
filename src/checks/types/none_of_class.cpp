// SPDX-License-Identifier: GPL-2.0-or-later
// None of class: the value is none of the listed items, and in none of the listed classes. The
// runner's own reading of none of constraints that name classes.
#include "checks/classes_too.hpp"
#include "checks/row.hpp"

namespace runner::checks {

namespace {

using classes_too::Listed;

Verdict run(const Context& context, const Listed& own) {
    if (own.set.matches(*context.snak)) { // as WBQC's check says too
        ViolationMessage message("none-of");
        message.entity_id(context.snak->property, Role::predicate);
        message.item_value_list(*own.items, Role::object);
        return Verdict::violation(std::move(message));
    }
    const auto found = classes_too::matches(own, *context.snak, context);
    if (!found)
        return Status::todo;
    if (!*found)
        return Status::compliance;
    ViolationMessage message("none-of-class");
    message.entity_id(context.snak->property, Role::predicate);
    message.entity_id(*entity::entity_id_of(context.snak->value), Role::object);
    message.entity_id_list(*own.classes, Role::object);
    return Verdict::violation(std::move(message));
}

} // namespace

extern constexpr CheckRow none_of_class_row = row<Listed, run>({
    .name = "none-of-class",
    .type = config::ConstraintId::NoneOfConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = on_all_entities,
    .needs = Needs::value_classes,
    .extra = config::Extra::classes,
    .concerns = classes_too::names_classes,
});

} // namespace runner::checks
