// SPDX-License-Identifier: GPL-2.0-or-later
// Conflicts with class: the entity has no statement with the other property whose value is one of
// the listed items or in one of the listed classes. The runner's own reading of conflicts with
// constraints that name classes.
#include "checks/classes_too.hpp"
#include "checks/row.hpp"

namespace runner::checks {

namespace {

using classes_too::OfProperty;

Verdict run(const Context& context, const OfProperty& own) {
    const auto found = classes_too::find(own, context, false);
    if (found.statement == nullptr)
        return found.unknown ? Status::todo : Status::compliance;
    const entity::Snak& other = found.statement->main;
    const bool listed = own.set.matches(other);
    ViolationMessage message(listed ? "conflicts-with-claim" : "conflicts-with-class");
    message.entity_id(context.snak->property, Role::constraint_property);
    message.entity_id(*own.property, Role::predicate);
    if (listed) {
        message.item_value(item_value_of(other), Role::object);
        return Verdict::violation(std::move(message));
    }
    message.entity_id(*entity::entity_id_of(other.value), Role::object);
    message.entity_id_list(*own.classes, Role::object);
    return Verdict::violation(std::move(message));
}

} // namespace

extern constexpr CheckRow conflicts_with_class_row = row<OfProperty, run>({
    .name = "conflicts-with-class",
    .type = config::ConstraintId::ConflictsWithConstraint,
    .contexts = main_snak_else_todo,
    .default_contexts = by_default_on_main_snak,
    .entity_types = on_all_entities,
    .needs = Needs::others_classes,
    .extra = config::Extra::classes,
    .concerns = classes_too::names_classes,
});

} // namespace runner::checks
