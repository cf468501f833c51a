// SPDX-License-Identifier: GPL-2.0-or-later
// Single value by interval: the times of a property may all be the same one by their precision, as
// 1879 and 14 March 1879. The runner's own reading of single value constraints of times.
#include "checks/by_interval.hpp"
#include "checks/entity_index.hpp"
#include "checks/separators_parameter.hpp"
#include "checks/time_interval.hpp"

#include <algorithm>

namespace runner::checks {

namespace {

using separators_parameter::Own;

constexpr std::size_t most_values = 1000; // of which each is compared with each

bool have_a_common_second(const std::vector<const entity::Snak*>& snaks) {
    Seconds common;
    for (const entity::Snak* snak : snaks) {
        const auto* time = snak->type == entity::SnakType::value
                               ? std::get_if<entity::TimeValue>(&snak->value)
                               : nullptr;
        if (time == nullptr)
            return false;
        const Seconds seconds = seconds_of(*time, true);
        const bool first = snak == snaks.front();
        common.first = first ? seconds.first : std::max(common.first, seconds.first);
        common.last = first ? seconds.last : std::min(common.last, seconds.last);
    }
    return common.first <= common.last;
}

Verdict run(const Context& context, const Constraint&, const Parameters* parameters,
            const CheckSettings&) {
    if (context.deprecated())
        return Status::deprecated;
    const auto& separators = static_cast<const Own*>(parameters)->separators;
    if (!separators)
        return Verdict::bad_parameters(separators.error());
    const std::size_t count = count_values(context, Grouping::non_deprecated, *separators);
    if (count <= 1 || (count <= most_values &&
                       have_a_common_second(values_of(context, Grouping::non_deprecated, *separators))))
        return Status::compliance;
    ViolationMessage message(separators->empty() ? "single-value" : "single-value-separators");
    message.entity_id(context.snak->property).entity_id_list(*separators);
    return Verdict::violation(std::move(message));
}

} // namespace

extern const CheckRow single_value_by_interval_row; // for registry.cpp
const CheckRow single_value_by_interval_row{
    .name = "single-value-by-interval",
    .type = config::ConstraintId::SingleValueConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = on_all_entities,
    .read = separators_parameter::read,
    .run = run,
    .validate = separators_parameter::validate,
    .extra = config::Extra::times,
    .concerns = has_times,
};

} // namespace runner::checks
