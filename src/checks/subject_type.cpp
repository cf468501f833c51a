// SPDX-License-Identifier: GPL-2.0-or-later
// Subject type: the entity is an instance or subclass of one of the classes. WBQC: TypeChecker,
// without its cap on the entities that are walked.
#include "checks/check.hpp"
#include "checks/class_parameters.hpp"

namespace runner::checks {

namespace {

using class_parameters::Own;

Verdict run(const Context& context, const Constraint&, const Parameters* parameters,
            const CheckSettings&) {
    if (context.deprecated())
        return Status::deprecated;
    if (context.type == ContextType::reference)
        return Status::not_in_scope;
    const auto& own = *static_cast<const Own*>(parameters);
    if (!own.classes)
        return Verdict::bad_parameters(own.classes.error());
    if (!own.relation)
        return Verdict::bad_parameters(own.relation.error());
    if (own.test.holds(*context.entity, context))
        return Status::compliance;
    return own.test.failed(context, "type", context.entity->id);
}

} // namespace

extern const CheckRow subject_type_row; // for registry.cpp
const CheckRow subject_type_row{
    .name = "subject-type",
    .type = config::ConstraintId::TypeConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_on_main_snak,
    .entity_types = on_all_entities,
    .needs = Needs::subject_classes,
    .read = class_parameters::read,
    .run = run,
    .validate = class_parameters::validate,
};

} // namespace runner::checks
