// SPDX-License-Identifier: GPL-2.0-or-later
// Mandatory qualifier: the statement has the qualifier. WBQC: MandatoryQualifiersChecker.
#include "checks/row.hpp"

namespace runner::checks {

namespace {

using Own = One<&ParameterReader::property>;

Verdict run(const Context& context, const entity::PropertyId& property) {
    for (const entity::Snak& qualifier : context.statement->qualifiers)
        if (qualifier.property == property)
            return Status::compliance;
    ViolationMessage message("mandatory-qualifier");
    message.entity_id(context.snak->property, Role::constraint_property);
    message.entity_id(property, Role::qualifier_predicate);
    return Verdict::violation(std::move(message));
}

} // namespace

extern constexpr CheckRow mandatory_qualifiers_row = row<Own, run>({
    .name = "mandatory-qualifiers",
    .type = config::ConstraintId::MandatoryQualifierConstraint,
    .contexts = on_main_snak_only,
    .default_contexts = by_default_on_main_snak,
    .entity_types = on_all_entities,
});

} // namespace runner::checks
