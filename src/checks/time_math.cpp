// SPDX-License-Identifier: GPL-2.0-or-later
// See time_math.hpp. The float arithmetic is PHP's, step by step, so that huge years round alike.
#include "checks/time_math.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace runner::checks {

namespace {

struct Parts {
    std::int64_t year = 0; ///< with its sign
    int month = 0, day = 0, hour = 0, minute = 0, second = 0;
};

/// `time` is TimeValue's normal form ±YYYY…-MM-DDThh:mm:ssZ.
Parts split(std::string_view time) noexcept {
    Parts parts;
    if (time.size() < 21)
        return parts;
    const std::string_view tail = time.substr(time.size() - 16); // -MM-DDThh:mm:ssZ
    const std::string_view year = time.substr(1, time.size() - 17);
    std::from_chars(year.data(), year.data() + year.size(), parts.year);
    if (time[0] == '-')
        parts.year = -parts.year;
    const auto two = [&](std::size_t at) { return (tail[at] - '0') * 10 + (tail[at + 1] - '0'); };
    parts.month = two(1);
    parts.day = two(4);
    parts.hour = two(7);
    parts.minute = two(10);
    parts.second = two(13);
    return parts;
}

/// The year as the calculator counts: -1 is the leap year 0.
double counted_year(double year) noexcept {
    return year < 0 ? std::ceil(year) + 1 : std::floor(year);
}

bool is_leap_year(double year) noexcept {
    const double y = counted_year(year);
    return (std::fmod(y, 4) == 0 && std::fmod(y, 100) != 0) || std::fmod(y, 400) == 0;
}

double leap_years(double year) noexcept {
    const double y = counted_year(year);
    return std::floor(y / 4) - std::floor(y / 100) + std::floor(y / 400);
}

/// Seconds from 1970-01-01 to the moment in 1970, or in 1972 when `leap`; like mktime, a day that
/// the month does not have runs over into the next one.
std::int64_t seconds_in_year(const Parts& parts, bool leap) noexcept {
    constexpr std::array<int, 12> before{0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    const int month = parts.month < 1 ? 1 : parts.month;
    const int day = parts.day < 1 ? 1 : parts.day;
    std::int64_t days = before[static_cast<std::size_t>(month - 1)] + day - 1;
    if (leap)
        days += 730 + (month > 2 ? 1 : 0);
    return days * 86400 + parts.hour * 3600 + parts.minute * 60 + parts.second;
}

double since_epoch(const Parts& parts, int timezone) noexcept {
    const auto full_year = static_cast<double>(parts.year);
    const bool leap = is_leap_year(full_year);
    const std::int64_t year = leap ? 1972 : 1970;
    const std::int64_t missing_years = (parts.year < 0 ? parts.year + 1 : parts.year) - year;
    const double missing_leap_days = leap_years(full_year) - leap_years(static_cast<double>(year));
    return static_cast<double>(seconds_in_year(parts, leap)) +
           (static_cast<double>(missing_years * 365) + missing_leap_days) * 86400.0 -
           static_cast<double>(timezone * 60);
}

} // namespace

double timestamp(const entity::TimeValue& time) noexcept {
    return since_epoch(split(time.time), time.timezone);
}

double timestamp(std::int64_t now) noexcept {
    return static_cast<double>(now);
}

double difference_in_years(const entity::TimeValue& a, const entity::TimeValue& b) noexcept {
    const Parts minuend = split(a.time);
    const Parts subtrahend = split(b.time);
    double difference = static_cast<double>(minuend.year) - static_cast<double>(subtrahend.year);
    if (minuend.year > 0 && subtrahend.year < 0)
        difference -= 1; // there is no year 0
    else if (minuend.year < 0 && subtrahend.year > 0)
        difference += 1;
    const std::int64_t x = seconds_in_year(minuend, false);
    const std::int64_t y = seconds_in_year(subtrahend, false);
    if (x < y)
        difference -= 0.5;
    else if (x > y)
        difference += 0.5;
    return difference;
}

} // namespace runner::checks
