// SPDX-License-Identifier: GPL-2.0-or-later
// Times as intervals: "16th century", stored as the year 1600, is a hundred years long. The meaning
// of a precision follows Wikibase's display (MwTimeIsoFormatter).
#pragma once

#include "checks/time_math.hpp"

#include <span>

namespace runner::checks {

/// From the first to the last second of it, in the proleptic Gregorian calendar.
struct Interval {
    Moment first;
    Moment last;
};

/// By precision and calendar. Decades count from years that end in 0, centuries and millennia from
/// years that end in 1; longer ones are rounded, half of them to each side. If the time lacks a
/// part that its precision needs (no month, say), the next coarser precision applies. `before` and
/// `after` are ignored, as in Wikibase.
[[nodiscard]] Interval interval_of(const entity::TimeValue& time) noexcept;

/// The moment alone, or the interval. In seconds since 1970.
struct Seconds {
    double first = 0;
    double last = 0;
    [[nodiscard]] bool before(const Seconds& other) const noexcept { return last < other.first; }
};
[[nodiscard]] Seconds seconds_of(const entity::TimeValue& time, bool as_interval) noexcept;

/// Whether all of these are times, and may be the same one, as 1879 and 14 March 1879. Not empty.
[[nodiscard]] bool have_a_common_second(std::span<const entity::Snak* const> snaks) noexcept;

} // namespace runner::checks
