// SPDX-License-Identifier: GPL-2.0-or-later
// Used as reference: the property is used in references only. WBQC: ReferenceChecker.
#include "checks/row.hpp"

namespace runner::checks {

namespace {

Verdict run(const Context& context) {
    if (context.type == ContextType::reference)
        return Status::compliance;
    return Verdict::violation(ViolationMessage("reference"));
}

} // namespace

extern constexpr CheckRow used_as_reference_row = row<NoParameters, run>({
    .name = "used-as-reference",
    .type = config::ConstraintId::UsedAsReferenceConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = on_all_entities,
    .on_deprecated = OnDeprecated::check,
});

} // namespace runner::checks
