// SPDX-License-Identifier: GPL-2.0-or-later
// Multi-value: the entity has more than one statement with the property (per combination of the
// separator qualifiers). WBQC: MultiValueChecker.
#include "checks/entity_index.hpp"
#include "checks/row.hpp"

namespace runner::checks {

namespace {

using Own = One<&ParameterReader::separators>;

Verdict run(const Context& context, const std::vector<entity::PropertyId>& separators) {
    if (count_values(context, Grouping::non_deprecated, separators) > 1)
        return Status::compliance;
    ViolationMessage message(separators.empty() ? "multi-value" : "multi-value-separators");
    message.entity_id(context.snak->property).entity_id_list(separators);
    return Verdict::violation(std::move(message));
}

} // namespace

extern constexpr CheckRow multi_value_row = row<Own, run>({
    .name = "multi-value",
    .type = config::ConstraintId::MultiValueConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = on_all_entities,
});

} // namespace runner::checks
