// SPDX-License-Identifier: GPL-2.0-or-later
// Item requires class: the entity has a statement with the other property whose value is one of the
// listed items or in one of the listed classes; deprecated ones count, as in WBQC. The runner's own
// reading of item requires statement constraints that name classes.
#include "checks/classes_too.hpp"
#include "checks/row.hpp"

namespace runner::checks {

namespace {

using classes_too::OfProperty;

Verdict run(const Context& context, const OfProperty& own) {
    const auto found = classes_too::find(own, context, true);
    if (found.statement != nullptr)
        return Status::compliance;
    if (found.unknown)
        return Status::todo;
    ViolationMessage message("item-requires-class");
    message.entity_id(context.snak->property, Role::constraint_property);
    message.entity_id(*own.property, Role::predicate);
    message.entity_id_list(*own.classes, Role::object);
    message.item_value_list(*own.items, Role::object);
    return Verdict::violation(std::move(message));
}

} // namespace

extern constexpr CheckRow item_requires_class_row = row<OfProperty, run>({
    .name = "item-requires-class",
    .type = config::ConstraintId::ItemRequiresClaimConstraint,
    .contexts = main_snak_else_todo,
    .default_contexts = by_default_on_main_snak,
    .entity_types = on_all_entities,
    .needs = Needs::others_classes,
    .extra = config::Extra::classes,
    .concerns = classes_too::names_classes,
});

} // namespace runner::checks
