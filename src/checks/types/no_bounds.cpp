// SPDX-License-Identifier: GPL-2.0-or-later
// No bounds: the quantity has no lower and upper bound. WBQC: NoBoundsChecker.
#include "checks/row.hpp"

namespace runner::checks {

namespace {

Verdict run(const Context& context) {
    if (context.snak->type != entity::SnakType::value)
        return Status::compliance;
    const auto* quantity = std::get_if<entity::QuantityValue>(&context.snak->value);
    if (quantity == nullptr || !quantity->bounded())
        return Status::compliance;
    ViolationMessage message("noBounds");
    message.entity_id(context.snak->property, Role::constraint_property);
    return Verdict::violation(std::move(message));
}

} // namespace

extern constexpr CheckRow no_bounds_row = row<NoParameters, run>({
    .name = "no-bounds",
    .type = config::ConstraintId::NoBoundsConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = on_all_entities,
    .on_deprecated = OnDeprecated::check,
});

} // namespace runner::checks
