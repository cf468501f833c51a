// SPDX-License-Identifier: GPL-2.0-or-later
// Symmetric: the entity that the value links to has a statement with the same property back.
// WBQC: SymmetricChecker.
#include "checks/back_link.hpp"
#include "checks/row.hpp"

namespace runner::checks {

namespace {

Verdict run(const Context& context, const Constraint& constraint) {
    return check_back_link(context, constraint, context.snak->property, "symmetric");
}

} // namespace

extern constexpr CheckRow symmetric_row = row<NoParameters, run>({
    .name = "symmetric",
    .type = config::ConstraintId::SymmetricConstraint,
    .contexts = main_snak_else_todo,
    .default_contexts = by_default_on_main_snak,
    .entity_types = on_all_entities,
    .needs = Needs::value,
});

} // namespace runner::checks
