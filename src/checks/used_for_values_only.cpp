// SPDX-License-Identifier: GPL-2.0-or-later
// Used for values only: the property is used for main values only. WBQC: ValueOnlyChecker.
#include "checks/check.hpp"

namespace runner::checks {

namespace {

Verdict run(const Context& context, const Constraint&, const Parameters*, const CheckSettings&) {
    if (context.type == ContextType::statement)
        return Status::compliance;
    return Verdict::violation(ViolationMessage("valueOnly"));
}

} // namespace

extern const CheckRow used_for_values_only_row; // for registry.cpp
const CheckRow used_for_values_only_row{
    .name = "used-for-values-only",
    .type = config::ConstraintId::UsedForValuesOnlyConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = on_all_entities,
    .read = nullptr,
    .run = run,
    .validate = nullptr,
};

} // namespace runner::checks
