// SPDX-License-Identifier: GPL-2.0-or-later
// Value type: the entity that the value links to is an instance or subclass of one of the classes.
// WBQC: ValueTypeChecker, without its cap on the entities that are walked.
#include "checks/class_parameters.hpp"
#include "checks/row.hpp"
#include "checks/wrong_value.hpp"

namespace runner::checks {

namespace {

using class_parameters::Own;

Verdict run(const Context& context, const Constraint& constraint, const Own& own) {
    if (context.snak->type != entity::SnakType::value)
        return Status::compliance;
    const auto* id = entity::entity_id_of(context.snak->value);
    if (id == nullptr)
        return entity_needed(constraint);
    const entity::Entity* value = context.facts->target(*id);
    if (value == nullptr)
        return Verdict::violation(ViolationMessage("value-entity-must-exist"));
    if (own.test.holds(*value, context))
        return Status::compliance;
    return own.test.failed(context, "valueType", value->id);
}

} // namespace

extern constexpr CheckRow value_type_row = row<Own, run>({
    .name = "value-type",
    .type = config::ConstraintId::ValueTypeConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = on_all_entities,
    .needs = Needs::value_classes,
});

} // namespace runner::checks
