// SPDX-License-Identifier: GPL-2.0-or-later
// Used for values only: the property is used for main values only. WBQC: ValueOnlyChecker.
#include "checks/row.hpp"

namespace runner::checks {

namespace {

Verdict run(const Context& context) {
    if (context.type == ContextType::statement)
        return Status::compliance;
    return Verdict::violation(ViolationMessage("valueOnly"));
}

} // namespace

extern constexpr CheckRow used_for_values_only_row = row<NoParameters, run>({
    .name = "used-for-values-only",
    .type = config::ConstraintId::UsedForValuesOnlyConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = on_all_entities,
    .on_deprecated = OnDeprecated::check,
});

} // namespace runner::checks
