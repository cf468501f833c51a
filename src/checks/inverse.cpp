// SPDX-License-Identifier: GPL-2.0-or-later
// Inverse: the entity that the value links to has a statement with the inverse property back.
// WBQC: InverseChecker.
#include "checks/back_link.hpp"
#include "checks/property_parameter.hpp"

namespace runner::checks {

namespace {

using property_parameter::Own;

Verdict run(const Context& context, const Constraint& constraint, const Parameters* parameters,
            const CheckSettings&) {
    if (context.deprecated())
        return Status::deprecated;
    const auto& property = static_cast<const Own*>(parameters)->property;
    if (!property)
        return Verdict::bad_parameters(property.error());
    return check_back_link(context, constraint, *property, "inverse");
}

} // namespace

extern const CheckRow inverse_row; // for registry.cpp
const CheckRow inverse_row{
    .name = "inverse",
    .type = config::ConstraintId::InverseConstraint,
    .contexts = main_snak_else_todo,
    .default_contexts = by_default_on_main_snak,
    .entity_types = on_all_entities,
    .needs = Needs::value,
    .read = property_parameter::read,
    .run = run,
    .validate = property_parameter::validate,
};

} // namespace runner::checks
