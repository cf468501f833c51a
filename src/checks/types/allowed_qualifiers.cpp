// SPDX-License-Identifier: GPL-2.0-or-later
// Allowed qualifiers: every qualifier of the statement is one of the listed properties.
// WBQC: QualifiersChecker.
#include "checks/row.hpp"

#include <algorithm>

namespace runner::checks {

namespace {

using Own = One<&ParameterReader::properties>;

Verdict run(const Context& context, const std::vector<entity::PropertyId>& properties) {
    for (const entity::Snak& qualifier : context.statement->qualifiers) {
        if (std::find(properties.begin(), properties.end(), qualifier.property) != properties.end())
            continue;
        if (properties.empty()) {
            ViolationMessage message("no-qualifiers");
            message.entity_id(context.snak->property, Role::constraint_property);
            return Verdict::violation(std::move(message));
        }
        ViolationMessage message("qualifiers");
        message.entity_id(context.snak->property, Role::constraint_property);
        message.entity_id(qualifier.property, Role::qualifier_predicate);
        message.entity_id_list(properties, Role::qualifier_predicate);
        return Verdict::violation(std::move(message));
    }
    return Status::compliance;
}

} // namespace

extern constexpr CheckRow allowed_qualifiers_row = row<Own, run>({
    .name = "allowed-qualifiers",
    .type = config::ConstraintId::AllowedQualifiersConstraint,
    .contexts = on_main_snak_only,
    .default_contexts = by_default_on_main_snak,
    .entity_types = on_all_entities,
});

} // namespace runner::checks
