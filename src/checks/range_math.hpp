// SPDX-License-Identifier: GPL-2.0-or-later
// Comparing values with the bounds of a range (WBQC's RangeCheckerHelper).
#pragma once

#include "checks/check.hpp"

#include <optional>
#include <string_view>

namespace runner::checks {

/// Compares in standard units: -1, 0 or 1. Incompatible units are not detected.
[[nodiscard]] int compare_amounts(const entity::QuantityValue& a, const entity::QuantityValue& b,
                                  const UnitConverter& units);

/// -1, 0 or 1; empty where WBQC throws since the types differ or have no order. An open bound
/// compares as equal to everything, and intervals of time that overlap do.
[[nodiscard]] std::optional<int> compare_to_bound(const entity::DataValue& value,
                                                  const constraints::Bound& bound,
                                                  const CheckSettings& settings);

/// The bad-parameters message for a bound that can't be compared with the values of the property;
/// WBQC throws there.
[[nodiscard]] ViolationMessage incomparable_bound(const Constraint& constraint,
                                                  std::string_view data_value_type);

} // namespace runner::checks
