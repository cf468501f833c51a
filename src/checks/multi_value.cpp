// SPDX-License-Identifier: GPL-2.0-or-later
// Multi-value: the entity has more than one statement with the property (per combination of the
// separator qualifiers). WBQC: MultiValueChecker.
#include "checks/check.hpp"
#include "checks/entity_index.hpp"
#include "checks/separators_parameter.hpp"

namespace runner::checks {

namespace {

using separators_parameter::Own;

Verdict run(const Context& context, const Constraint&, const Parameters* parameters,
            const CheckSettings&) {
    if (context.deprecated())
        return Status::deprecated;
    const auto& separators = static_cast<const Own*>(parameters)->separators;
    if (!separators)
        return Verdict::bad_parameters(separators.error());
    if (count_values(context, Grouping::non_deprecated, *separators) > 1)
        return Status::compliance;
    ViolationMessage message(separators->empty() ? "multi-value" : "multi-value-separators");
    message.entity_id(context.snak->property).entity_id_list(*separators);
    return Verdict::violation(std::move(message));
}

} // namespace

extern const CheckRow multi_value_row; // for registry.cpp
const CheckRow multi_value_row{
    .name = "multi-value",
    .type = config::ConstraintId::MultiValueConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = on_all_entities,
    .read = separators_parameter::read,
    .run = run,
    .validate = separators_parameter::validate,
};

} // namespace runner::checks
