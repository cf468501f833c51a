// SPDX-License-Identifier: GPL-2.0-or-later
// Allowed entity types: the property is used on entities of the listed types only.
// WBQC: EntityTypeChecker.
#include "checks/row.hpp"

#include <algorithm>

namespace runner::checks {

namespace {

using Own = One<&ParameterReader::entity_types>;

Verdict run(const Context& context, const constraints::EntityTypes& allowed) {
    if (std::find(allowed.types.begin(), allowed.types.end(), context.entity->id.type) !=
        allowed.types.end())
        return Status::compliance;
    ViolationMessage message("entityType");
    message.entity_id(context.snak->property, Role::constraint_property);
    message.entity_id_list(allowed.items, Role::constraint_parameter_value);
    return Verdict::violation(std::move(message));
}

} // namespace

extern constexpr CheckRow allowed_entity_types_row = row<Own, run>({
    .name = "allowed-entity-types",
    .type = config::ConstraintId::AllowedEntityTypesConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = on_all_entities,
});

} // namespace runner::checks
