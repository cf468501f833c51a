// SPDX-License-Identifier: GPL-2.0-or-later
// Inverse: the entity that the value links to has a statement with the inverse property back.
// WBQC: InverseChecker.
#include "checks/back_link.hpp"
#include "checks/row.hpp"

namespace runner::checks {

namespace {

using Own = One<&ParameterReader::property>;

Verdict run(const Context& context, const Constraint& constraint,
            const entity::PropertyId& property) {
    return check_back_link(context, constraint, property, "inverse");
}

} // namespace

extern constexpr CheckRow inverse_row = row<Own, run>({
    .name = "inverse",
    .type = config::ConstraintId::InverseConstraint,
    .contexts = main_snak_else_todo,
    .default_contexts = by_default_on_main_snak,
    .entity_types = on_all_entities,
    .needs = Needs::value,
});

} // namespace runner::checks
