// SPDX-License-Identifier: GPL-2.0-or-later
// Times as seconds since 1970, as DataValues' TimeValueCalculator counts them: proleptic
// Gregorian, precision and calendar ignored, no year 0.
#pragma once

#include "entity/entity.hpp"

#include <cstdint>

namespace runner::checks {

/// Seconds since 1970-01-01; month and day 0 count as 1. A float, as in PHP: huge years round.
[[nodiscard]] double timestamp(const entity::TimeValue& time) noexcept;

/// The same for the time of the check, given in seconds since 1970.
[[nodiscard]] double timestamp(std::int64_t now) noexcept;

/// a − b in years, with a half where the dates within the year differ (RangeCheckerHelper).
[[nodiscard]] double difference_in_years(const entity::TimeValue& a,
                                         const entity::TimeValue& b) noexcept;

} // namespace runner::checks
