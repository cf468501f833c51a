// SPDX-License-Identifier: GPL-2.0-or-later
// Range by interval: a time lies between two bounds, or may lie there by its precision.
#include "checks/by_interval.hpp"

namespace runner::checks {

extern const CheckRow range_row;

extern const CheckRow range_by_interval_row; // for registry.cpp
const CheckRow range_by_interval_row = by_interval("range-by-interval", range_row, has_times);

} // namespace runner::checks
