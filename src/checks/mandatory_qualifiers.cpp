// SPDX-License-Identifier: GPL-2.0-or-later
// Mandatory qualifier: the statement has the qualifier. WBQC: MandatoryQualifiersChecker.
#include "checks/check.hpp"
#include "checks/property_parameter.hpp"

namespace runner::checks {

namespace {

using property_parameter::Own;

Verdict run(const Context& context, const Constraint&, const Parameters* parameters,
            const CheckSettings&) {
    if (context.deprecated())
        return Status::deprecated;
    const auto& property = static_cast<const Own*>(parameters)->property;
    if (!property)
        return Verdict::bad_parameters(property.error());
    for (const entity::Snak& qualifier : context.statement->qualifiers)
        if (qualifier.property == *property)
            return Status::compliance;
    ViolationMessage message("mandatory-qualifier");
    message.entity_id(context.snak->property, Role::constraint_property);
    message.entity_id(*property, Role::qualifier_predicate);
    return Verdict::violation(std::move(message));
}

} // namespace

extern const CheckRow mandatory_qualifiers_row; // for registry.cpp
const CheckRow mandatory_qualifiers_row{
    .name = "mandatory-qualifiers",
    .type = config::ConstraintId::MandatoryQualifierConstraint,
    .contexts = on_main_snak_only,
    .default_contexts = by_default_on_main_snak,
    .entity_types = on_all_entities,
    .read = property_parameter::read,
    .run = run,
    .validate = property_parameter::validate,
};

} // namespace runner::checks
