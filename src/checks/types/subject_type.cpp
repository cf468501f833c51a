// SPDX-License-Identifier: GPL-2.0-or-later
// Subject type: the entity is an instance or subclass of one of the classes. WBQC: TypeChecker,
// without its cap on the entities that are walked.
#include "checks/class_parameters.hpp"
#include "checks/row.hpp"

namespace runner::checks {

namespace {

using class_parameters::Own;

Verdict run(const Context& context, const Own& own) {
    if (context.type == ContextType::reference)
        return Status::not_in_scope;
    if (!own.classes)
        return Verdict::bad_parameters(own.classes.error());
    if (!own.relation)
        return Verdict::bad_parameters(own.relation.error());
    if (own.test.holds(*context.entity, context))
        return Status::compliance;
    return own.test.failed(context, "type", context.entity->id);
}

} // namespace

extern constexpr CheckRow subject_type_row = row<Own, run, BadParameters::in_run>({
    .name = "subject-type",
    .type = config::ConstraintId::TypeConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_on_main_snak,
    .entity_types = on_all_entities,
    .needs = Needs::subject_classes,
});

} // namespace runner::checks
