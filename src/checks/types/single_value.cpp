// SPDX-License-Identifier: GPL-2.0-or-later
// Single value: a statement with the property is the only one of the entity (per combination of the
// separator qualifiers). WBQC: SingleValueChecker.
#include "checks/by_interval.hpp"
#include "checks/entity_index.hpp"
#include "checks/row.hpp"
#include "checks/time_interval.hpp"

namespace runner::checks {

namespace {

using Own = One<&ParameterReader::separators>;

constexpr std::size_t most_compared = 1000; // of each group once for each of its members

bool are_one(const Context& context, std::span<const entity::PropertyId> separators,
             const CheckSettings& settings) {
    const std::size_t count = count_values(context, Grouping::non_deprecated, separators);
    if (count <= 1)
        return true;
    return settings.time_intervals && count <= most_compared &&
           have_a_common_second(values_of(context, Grouping::non_deprecated, separators));
}

Verdict run(const Context& context, const std::vector<entity::PropertyId>& separators,
            const CheckSettings& settings) {
    if (are_one(context, separators, settings))
        return Status::compliance;
    ViolationMessage message(separators.empty() ? "single-value" : "single-value-separators");
    message.entity_id(context.snak->property).entity_id_list(separators);
    return Verdict::violation(std::move(message));
}

} // namespace

extern constexpr CheckRow single_value_row = row<Own, run>({
    .name = "single-value",
    .type = config::ConstraintId::SingleValueConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = on_all_entities,
});

extern constexpr CheckRow single_value_by_interval_row =
    by_interval("single-value-by-interval", single_value_row, has_times);

} // namespace runner::checks
