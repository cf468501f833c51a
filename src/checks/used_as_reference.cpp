// SPDX-License-Identifier: GPL-2.0-or-later
// Used as reference: the property is used in references only. WBQC: ReferenceChecker.
#include "checks/check.hpp"

namespace runner::checks {

namespace {

Verdict run(const Context& context, const Constraint&, const Parameters*, const CheckSettings&) {
    if (context.type == ContextType::reference)
        return Status::compliance;
    return Verdict::violation(ViolationMessage("reference"));
}

} // namespace

extern const CheckRow used_as_reference_row; // for registry.cpp
const CheckRow used_as_reference_row{
    .name = "used-as-reference",
    .type = config::ConstraintId::UsedAsReferenceConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = on_all_entities,
    .read = nullptr,
    .run = run,
    .validate = nullptr,
};

} // namespace runner::checks
