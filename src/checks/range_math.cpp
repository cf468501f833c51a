// SPDX-License-Identifier: GPL-2.0-or-later
// See range_math.hpp.
#include "checks/range_math.hpp"

#include "checks/time_interval.hpp"
#include "checks/unit_converter.hpp"
#include "entity/decimal.hpp"

namespace runner::checks {

int compare_amounts(const entity::QuantityValue& a, const entity::QuantityValue& b,
                    const UnitConverter& units) {
    return entity::compare_decimals(units.standardize(a).amount, units.standardize(b).amount);
}

std::optional<int> compare_to_bound(const entity::DataValue& value, const constraints::Bound& bound,
                                    const CheckSettings& settings) {
    if (bound.open())
        return 0;
    if (const auto* time = std::get_if<entity::TimeValue>(&value)) {
        const auto* other =
            bound.value != nullptr ? std::get_if<entity::TimeValue>(bound.value) : nullptr;
        if (other == nullptr && !bound.now)
            return std::nullopt;
        const double now = timestamp(settings.now);
        const Seconds x = seconds_of(*time, settings.time_intervals);
        const Seconds y =
            bound.now ? Seconds{now, now} : seconds_of(*other, settings.time_intervals);
        return x.before(y) ? -1 : y.before(x) ? 1 : 0;
    }
    if (const auto* quantity = std::get_if<entity::QuantityValue>(&value)) {
        const auto* other =
            bound.value != nullptr ? std::get_if<entity::QuantityValue>(bound.value) : nullptr;
        if (other == nullptr)
            return std::nullopt;
        return compare_amounts(*quantity, *other, settings.units);
    }
    return std::nullopt;
}

ViolationMessage incomparable_bound(const Constraint& constraint,
                                    std::string_view data_value_type) {
    ViolationMessage message("value-needed-of-type");
    message.entity_id(constraint.type, Role::constraint_type_item);
    message.data_value_type(data_value_type);
    return message;
}

} // namespace runner::checks
