// SPDX-License-Identifier: GPL-2.0-or-later
// Used as qualifier: the property is used as a qualifier only. WBQC: QualifierChecker.
#include "checks/row.hpp"

namespace runner::checks {

namespace {

Verdict run(const Context& context) {
    if (context.type == ContextType::qualifier)
        return Status::compliance;
    return Verdict::violation(ViolationMessage("qualifier"));
}

} // namespace

extern constexpr CheckRow used_as_qualifier_row = row<NoParameters, run>({
    .name = "used-as-qualifier",
    .type = config::ConstraintId::UsedAsQualifierConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = on_all_entities,
    .on_deprecated = OnDeprecated::check,
});

} // namespace runner::checks
