// SPDX-License-Identifier: GPL-2.0-or-later
// Times as seconds since 1970, as DataValues' TimeValueCalculator counts them: proleptic
// Gregorian, precision and calendar ignored, no year 0.
#pragma once

#include "entity/entity.hpp"

#include <cstdint>
#include <optional>

namespace runner::checks {

/// A second of the proleptic Gregorian calendar. As Wikibase writes it: there is no year 0, and
/// month and day may be 0.
struct Moment {
    std::int64_t year = 0; ///< with its sign
    int month = 0, day = 0, hour = 0, minute = 0, second = 0;
    int timezone = 0; ///< minutes
};

/// The date of `time`, whatever its calendar and precision.
[[nodiscard]] Moment moment_of(const entity::TimeValue& time) noexcept;

/// Seconds since 1970-01-01; month and day 0 count as 1. A float, as in PHP: huge years round.
[[nodiscard]] double timestamp(const Moment& moment) noexcept;
[[nodiscard]] double timestamp(const entity::TimeValue& time) noexcept;

/// The same for the time of the check, given in seconds since 1970.
[[nodiscard]] double timestamp(std::int64_t now) noexcept;

/// As a time in the database; empty when PostgreSQL has no such time.
[[nodiscard]] std::optional<std::int64_t> database_time(double timestamp) noexcept;

/// a − b in years, with a half where the dates within the year differ (RangeCheckerHelper).
[[nodiscard]] double difference_in_years(const Moment& a, const Moment& b) noexcept;

} // namespace runner::checks
