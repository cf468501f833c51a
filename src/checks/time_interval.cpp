// SPDX-License-Identifier: GPL-2.0-or-later
// See time_interval.hpp.
#include "checks/time_interval.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace runner::checks {

namespace {

constexpr int year = 9;
constexpr int month = 10;
constexpr int day = 11;
constexpr int hour = 12;
constexpr int minute = 13;
constexpr std::string_view julian_calendar = "http://www.wikidata.org/entity/Q1985786";

/// With a year 0, which is 1 BCE.
std::int64_t astronomical(std::int64_t y) noexcept { return y < 0 ? y + 1 : y; }

std::int64_t floor_div(std::int64_t a, std::int64_t b) noexcept {
    return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

bool is_leap(std::int64_t y, bool julian) noexcept {
    const std::int64_t a = astronomical(y);
    return a % 4 == 0 && (julian || a % 100 != 0 || a % 400 == 0);
}

int days_in(std::int64_t y, int m, bool julian) noexcept {
    constexpr std::array<int, 12> days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[static_cast<std::size_t>(m - 1)] + (m == 2 && is_leap(y, julian) ? 1 : 0);
}

/// A Julian date as the Gregorian date of the same day. Years begin in March meanwhile, so that the
/// leap day is their last.
void julian_to_gregorian(Moment& moment) noexcept {
    constexpr std::int64_t four_centuries = 146'097;
    const std::int64_t y = astronomical(moment.year) - (moment.month <= 2 ? 1 : 0);
    const std::int64_t m = (moment.month + 9) % 12;
    // days since the Gregorian 0000-03-01, which is the Julian 0000-03-03
    const std::int64_t days = 365 * y + floor_div(y, 4) + (153 * m + 2) / 5 + moment.day - 1 - 2;
    const std::int64_t era = floor_div(days, four_centuries);
    const std::int64_t of_era = days - era * four_centuries;
    const std::int64_t of_years =
        (of_era - of_era / 1'460 + of_era / 36'524 - of_era / 146'096) / 365;
    const std::int64_t of_year = of_era - (365 * of_years + of_years / 4 - of_years / 100);
    const std::int64_t march = (5 * of_year + 2) / 153;
    moment.day = static_cast<int>(of_year - (153 * march + 2) / 5 + 1);
    moment.month = static_cast<int>(march < 10 ? march + 3 : march - 9);
    const std::int64_t a = of_years + era * 400 + (moment.month <= 2 ? 1 : 0);
    moment.year = a <= 0 ? a - 1 : a;
}

/// Years without their sign.
struct Years {
    std::int64_t from;
    std::int64_t to;
};

Years years_of(std::int64_t y, int precision) noexcept {
    std::int64_t size = 1;
    for (int i = precision; i < year; ++i)
        size *= 10;
    switch (precision) {
    case 8: // decade
        if (y >= size)
            return {y - y % size, y - y % size + size - 1};
        break;
    case 7: // century
    case 6: // millennium
        if (y > 0)
            return {(y - 1) / size * size + 1, (y - 1) / size * size + size};
        break;
    default:
        if (precision < 6 && y >= size / 2) {
            const std::int64_t middle = (y + size / 2) / size * size;
            return {middle - size / 2, middle + size / 2 - 1};
        }
    }
    return {y, y}; // too small for the precision
}

/// That the time has what it needs for.
int precision_of(const entity::TimeValue& time, const Moment& moment) noexcept {
    if (time.precision >= month && moment.month == 0)
        return year;
    if (time.precision >= day && moment.day == 0)
        return month;
    return time.precision;
}

} // namespace

Interval interval_of(const entity::TimeValue& time) noexcept {
    const bool julian = time.calendar_model == julian_calendar;
    const Moment moment = moment_of(time);
    const int precision = precision_of(time, moment);
    Interval out{moment, moment};
    if (precision <= year) {
        const bool negative = moment.year < 0;
        const Years years = years_of(negative ? -moment.year : moment.year, precision);
        out.first.year = negative ? -years.to : years.from;
        out.last.year = negative ? -years.from : years.to;
        out.first.month = 1;
        out.last.month = 12;
    }
    if (precision <= month) {
        out.first.day = 1;
        out.last.day = days_in(out.last.year, out.last.month, julian);
    }
    if (precision < hour) {
        out.first.hour = 0;
        out.last.hour = 23;
    }
    if (precision < minute) {
        out.first.minute = 0;
        out.last.minute = 59;
    }
    if (precision <= minute) {
        out.first.second = 0;
        out.last.second = 59;
    }
    if (julian) {
        julian_to_gregorian(out.first);
        julian_to_gregorian(out.last);
    }
    return out;
}

Seconds seconds_of(const entity::TimeValue& time, bool as_interval) noexcept {
    if (!as_interval) {
        const double moment = timestamp(time);
        return {moment, moment};
    }
    const Interval interval = interval_of(time);
    return {timestamp(interval.first), timestamp(interval.last)};
}

bool have_a_common_second(std::span<const entity::Snak* const> snaks) noexcept {
    Seconds common;
    for (const entity::Snak* snak : snaks) {
        const auto* time = snak->type == entity::SnakType::value
                               ? std::get_if<entity::TimeValue>(&snak->value)
                               : nullptr;
        if (time == nullptr)
            return false;
        const Seconds seconds = seconds_of(*time, true);
        const bool first = snak == snaks.front();
        common.first = first ? seconds.first : std::max(common.first, seconds.first);
        common.last = first ? seconds.last : std::min(common.last, seconds.last);
    }
    return common.first <= common.last;
}

} // namespace runner::checks
