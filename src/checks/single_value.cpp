// SPDX-License-Identifier: GPL-2.0-or-later
// Single value: a statement with the property is the only one of the entity (per combination of the
// separator qualifiers). WBQC: SingleValueChecker.
#include "checks/check.hpp"
#include "checks/entity_index.hpp"
#include "checks/separators_parameter.hpp"
#include "checks/time_interval.hpp"

namespace runner::checks {

namespace {

using separators_parameter::Own;

constexpr std::size_t most_compared = 1000; // of each group once for each of its members

bool are_one(const Context& context, std::span<const entity::PropertyId> separators,
             const CheckSettings& settings) {
    const std::size_t count = count_values(context, Grouping::non_deprecated, separators);
    if (count <= 1)
        return true;
    return settings.time_intervals && count <= most_compared &&
           have_a_common_second(values_of(context, Grouping::non_deprecated, separators));
}

Verdict run(const Context& context, const Constraint&, const Parameters* parameters,
            const CheckSettings& settings) {
    if (context.deprecated())
        return Status::deprecated;
    const auto& separators = static_cast<const Own*>(parameters)->separators;
    if (!separators)
        return Verdict::bad_parameters(separators.error());
    if (are_one(context, *separators, settings))
        return Status::compliance;
    ViolationMessage message(separators->empty() ? "single-value" : "single-value-separators");
    message.entity_id(context.snak->property).entity_id_list(*separators);
    return Verdict::violation(std::move(message));
}

} // namespace

extern const CheckRow single_value_row; // for registry.cpp
const CheckRow single_value_row{
    .name = "single-value",
    .type = config::ConstraintId::SingleValueConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = on_all_entities,
    .read = separators_parameter::read,
    .run = run,
    .validate = separators_parameter::validate,
};

} // namespace runner::checks
