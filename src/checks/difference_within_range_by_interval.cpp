// SPDX-License-Identifier: GPL-2.0-or-later
// Difference within range by interval: the difference of two times lies between two bounds, or may lie
// there by their precision.
#include "checks/by_interval.hpp"

namespace runner::checks {

extern const CheckRow difference_within_range_row;

extern const CheckRow difference_within_range_by_interval_row; // for registry.cpp
const CheckRow difference_within_range_by_interval_row = by_interval("difference-within-range-by-interval", difference_within_range_row, has_times);

} // namespace runner::checks
