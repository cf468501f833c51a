// SPDX-License-Identifier: GPL-2.0-or-later
// Allowed entity types: the property is used on entities of the listed types only.
// WBQC: EntityTypeChecker.
#include "checks/check.hpp"
#include "checks/problems.hpp"

#include <algorithm>

namespace runner::checks {

namespace {

struct Own : Parameters {
    Parsed<constraints::EntityTypes> types;
    explicit Own(const ParameterReader& reader) : types(reader.entity_types()) {}
};

std::unique_ptr<const Parameters> read(const ParameterReader& reader, const CheckSettings&) {
    return std::make_unique<Own>(reader);
}

std::vector<ViolationMessage> validate(const Parameters& parameters) {
    return problems(static_cast<const Own&>(parameters).types);
}

Verdict run(const Context& context, const Constraint&, const Parameters* parameters,
            const CheckSettings&) {
    if (context.deprecated())
        return Status::deprecated;
    const auto& allowed = static_cast<const Own*>(parameters)->types;
    if (!allowed)
        return Verdict::bad_parameters(allowed.error());
    if (std::find(allowed->types.begin(), allowed->types.end(), context.entity->id.type) !=
        allowed->types.end())
        return Status::compliance;
    ViolationMessage message("entityType");
    message.entity_id(context.snak->property, Role::constraint_property);
    message.entity_id_list(allowed->items, Role::constraint_parameter_value);
    return Verdict::violation(std::move(message));
}

} // namespace

extern const CheckRow allowed_entity_types_row; // for registry.cpp
const CheckRow allowed_entity_types_row{
    .name = "allowed-entity-types",
    .type = config::ConstraintId::AllowedEntityTypesConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = on_all_entities,
    .read = read,
    .run = run,
    .validate = validate,
};

} // namespace runner::checks
