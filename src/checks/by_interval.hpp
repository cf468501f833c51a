// SPDX-License-Identifier: GPL-2.0-or-later
// The extra "times": repeats a check of WBQC with times as intervals
// (CheckSettings::time_intervals, which is set for the runner's own checks).
#pragma once

#include "checks/check.hpp"

#include <string_view>

namespace runner::checks {

/// For CheckRow::concerns: constraints of properties whose values are times.
[[nodiscard]] inline bool has_times(const Constraint& constraint, const CheckSettings&) {
    return constraint.data_type == "time";
}

[[nodiscard]] constexpr CheckRow by_interval(std::string_view name, CheckRow row,
                                             bool (*concerns)(const Constraint&,
                                                              const CheckSettings&)) {
    row.name = name;
    row.extra = config::Extra::times;
    row.concerns = concerns;
    return row;
}

} // namespace runner::checks
