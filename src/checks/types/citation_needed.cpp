// SPDX-License-Identifier: GPL-2.0-or-later
// Citation needed: the statement has a reference. WBQC: CitationNeededChecker.
#include "checks/row.hpp"

namespace runner::checks {

namespace {

Verdict run(const Context& context) {
    if (!context.statement->references.empty())
        return Status::compliance;
    ViolationMessage message("citationNeeded");
    message.entity_id(context.snak->property, Role::constraint_property);
    return Verdict::violation(std::move(message));
}

} // namespace

extern constexpr CheckRow citation_needed_row = row<NoParameters, run>({
    .name = "citation-needed",
    .type = config::ConstraintId::CitationNeededConstraint,
    .contexts = on_main_snak_only,
    .default_contexts = by_default_on_main_snak,
    .entity_types = on_all_entities,
    .on_deprecated = OnDeprecated::check,
});

} // namespace runner::checks
