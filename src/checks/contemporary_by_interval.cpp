// SPDX-License-Identifier: GPL-2.0-or-later
// Contemporary by interval: the two entities may have existed at the same time, by the precision of
// their dates.
#include "checks/by_interval.hpp"

namespace runner::checks {

extern const CheckRow contemporary_row;

extern const CheckRow contemporary_by_interval_row; // for registry.cpp
const CheckRow contemporary_by_interval_row = by_interval("contemporary-by-interval", contemporary_row, nullptr);

} // namespace runner::checks
