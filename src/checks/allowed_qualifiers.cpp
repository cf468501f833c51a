// SPDX-License-Identifier: GPL-2.0-or-later
// Allowed qualifiers: every qualifier of the statement is one of the listed properties.
// WBQC: QualifiersChecker.
#include "checks/check.hpp"
#include "checks/problems.hpp"

#include <algorithm>

namespace runner::checks {

namespace {

struct Own : Parameters {
    Parsed<std::vector<entity::PropertyId>> properties;
    explicit Own(const ParameterReader& reader) : properties(reader.properties()) {}
};

std::unique_ptr<const Parameters> read(const ParameterReader& reader, const CheckSettings&) {
    return std::make_unique<Own>(reader);
}

std::vector<ViolationMessage> validate(const Parameters& parameters) {
    return problems(static_cast<const Own&>(parameters).properties);
}

Verdict run(const Context& context, const Constraint&, const Parameters* parameters,
            const CheckSettings&) {
    if (context.deprecated())
        return Status::deprecated;
    const auto& properties = static_cast<const Own*>(parameters)->properties;
    if (!properties)
        return Verdict::bad_parameters(properties.error());
    for (const entity::Snak& qualifier : context.statement->qualifiers) {
        if (std::find(properties->begin(), properties->end(), qualifier.property) !=
            properties->end())
            continue;
        if (properties->empty()) {
            ViolationMessage message("no-qualifiers");
            message.entity_id(context.snak->property, Role::constraint_property);
            return Verdict::violation(std::move(message));
        }
        ViolationMessage message("qualifiers");
        message.entity_id(context.snak->property, Role::constraint_property);
        message.entity_id(qualifier.property, Role::qualifier_predicate);
        message.entity_id_list(*properties, Role::qualifier_predicate);
        return Verdict::violation(std::move(message));
    }
    return Status::compliance;
}

} // namespace

extern const CheckRow allowed_qualifiers_row; // for registry.cpp
const CheckRow allowed_qualifiers_row{
    .name = "allowed-qualifiers",
    .type = config::ConstraintId::AllowedQualifiersConstraint,
    .contexts = on_main_snak_only,
    .default_contexts = by_default_on_main_snak,
    .entity_types = on_all_entities,
    .read = read,
    .run = run,
    .validate = validate,
};

} // namespace runner::checks
