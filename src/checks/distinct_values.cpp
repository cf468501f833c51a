// SPDX-License-Identifier: GPL-2.0-or-later
// Distinct values: no other entity has the same value. WBQC: UniqueValueChecker, as it answers
// without a SPARQL endpoint: nobody has looked at the other entities, the check is left to do.
#include "checks/check.hpp"
#include "checks/problems.hpp"

namespace runner::checks {

namespace {

struct Own : Parameters {
    Parsed<std::vector<entity::PropertyId>> separators;
    explicit Own(const ParameterReader& reader) : separators(reader.separators()) {}
};

std::unique_ptr<const Parameters> read(const ParameterReader& reader, const CheckSettings&) {
    return std::make_unique<Own>(reader);
}

std::vector<ViolationMessage> validate(const Parameters& parameters) {
    return problems(static_cast<const Own&>(parameters).separators);
}

Verdict run(const Context& context, const Constraint& constraint, const Parameters*,
            const CheckSettings&) {
    if (context.deprecated())
        return Status::deprecated;
    ViolationMessage message("not-yet-implemented");
    message.entity_id(constraint.type, Role::constraint_type_item);
    return {Status::todo, std::move(message)};
}

} // namespace

extern const CheckRow distinct_values_row; // for registry.cpp
const CheckRow distinct_values_row{
    .name = "distinct-values",
    .type = config::ConstraintId::DistinctValuesConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_on_main_snak,
    .entity_types = on_all_entities,
    .needs = Needs::nothing,
    .read = read,
    .run = run,
    .validate = validate,
};

} // namespace runner::checks
