// SPDX-License-Identifier: GPL-2.0-or-later
// Used as qualifier: the property is used as a qualifier only. WBQC: QualifierChecker.
#include "checks/check.hpp"

namespace runner::checks {

namespace {

Verdict run(const Context& context, const Constraint&, const Parameters*, const CheckSettings&) {
    if (context.type == ContextType::qualifier)
        return Status::compliance;
    return Verdict::violation(ViolationMessage("qualifier"));
}

} // namespace

extern const CheckRow used_as_qualifier_row; // for registry.cpp
const CheckRow used_as_qualifier_row{
    .name = "used-as-qualifier",
    .type = config::ConstraintId::UsedAsQualifierConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = on_all_entities,
    .read = nullptr,
    .run = run,
    .validate = nullptr,
};

} // namespace runner::checks
