// SPDX-License-Identifier: GPL-2.0-or-later
// Single best value: among the statements with the property only one has the best rank (per
// combination of the separator qualifiers). WBQC: SingleBestValueChecker.
#include "checks/entity_index.hpp"
#include "checks/row.hpp"

namespace runner::checks {

namespace {

using Own = One<&ParameterReader::separators>;

Verdict run(const Context& context, const std::vector<entity::PropertyId>& separators) {
    const std::size_t best = count_values(context, Grouping::best_rank, separators);
    if (best <= 1)
        return Status::compliance;
    // the message ignores separators when it asks whether any statement is preferred
    const bool none_preferred = best == count_values(context, Grouping::non_deprecated, {});
    ViolationMessage message(
        none_preferred ? (separators.empty() ? "single-best-value-no-preferred"
                                             : "single-best-value-no-preferred-separators")
                       : (separators.empty() ? "single-best-value-multi-preferred"
                                             : "single-best-value-multi-preferred-separators"));
    message.entity_id(context.snak->property).entity_id_list(separators);
    return Verdict::violation(std::move(message));
}

} // namespace

extern constexpr CheckRow single_best_value_row = row<Own, run>({
    .name = "single-best-value",
    .type = config::ConstraintId::SingleBestValueConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = on_all_entities,
});

} // namespace runner::checks
