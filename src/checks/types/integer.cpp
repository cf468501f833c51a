// SPDX-License-Identifier: GPL-2.0-or-later
// Integer: the amount of the quantity, and its bounds, have no fraction. WBQC: IntegerChecker.
#include "checks/row.hpp"
#include "entity/decimal.hpp"

namespace runner::checks {

namespace {

Verdict violation(const char* key, const entity::Snak& snak) {
    ViolationMessage message(key);
    message.entity_id(snak.property, Role::constraint_property);
    message.data_value(snak.value);
    return Verdict::violation(std::move(message));
}

Verdict run(const Context& context) {
    const entity::Snak& snak = *context.snak;
    if (snak.type != entity::SnakType::value)
        return Status::compliance;
    const auto* quantity = std::get_if<entity::QuantityValue>(&snak.value);
    if (quantity == nullptr)
        return Status::compliance;
    if (!entity::is_integer(quantity->amount))
        return violation("integer", snak);
    if (quantity->bounded() &&
        !(entity::is_integer(quantity->lower_bound) && entity::is_integer(quantity->upper_bound)))
        return violation("integer-bounds", snak);
    return Status::compliance;
}

} // namespace

extern constexpr CheckRow integer_row = row<NoParameters, run>({
    .name = "integer",
    .type = config::ConstraintId::IntegerConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = on_all_entities,
    .on_deprecated = OnDeprecated::check,
});

} // namespace runner::checks
