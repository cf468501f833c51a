// SPDX-License-Identifier: GPL-2.0-or-later
// Single value by interval: there is one time, or all may be the same one by their precision.
#include "checks/by_interval.hpp"

namespace runner::checks {

extern const CheckRow single_value_row;

extern const CheckRow single_value_by_interval_row; // for registry.cpp
const CheckRow single_value_by_interval_row =
    by_interval("single-value-by-interval", single_value_row, has_times);

} // namespace runner::checks
