// SPDX-License-Identifier: GPL-2.0-or-later
// See time_math.hpp. The float arithmetic is PHP's, step by step, so that huge years round alike.
#include "checks/time_math.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace runner::checks {

namespace {

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
std::int64_t seconds_in_year(const Moment& parts, bool leap) noexcept {
    constexpr std::array<int, 12> before{0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    const int month = parts.month < 1 ? 1 : parts.month;
    const int day = parts.day < 1 ? 1 : parts.day;
    std::int64_t days = before[static_cast<std::size_t>(month - 1)] + day - 1;
    if (leap)
        days += 730 + (month > 2 ? 1 : 0);
    return days * 86400 + parts.hour * 3600 + parts.minute * 60 + parts.second;
}

} // namespace

Moment moment_of(const entity::TimeValue& value) noexcept {
    const std::string_view time = value.time; // the normal form ±YYYY…-MM-DDThh:mm:ssZ
    Moment moment;
    moment.timezone = value.timezone;
    if (time.size() < 21)
        return moment;
    const std::string_view tail = time.substr(time.size() - 16); // -MM-DDThh:mm:ssZ
    const std::string_view year = time.substr(1, time.size() - 17);
    std::from_chars(year.data(), year.data() + year.size(), moment.year);
    if (time[0] == '-')
        moment.year = -moment.year;
    const auto two = [&](std::size_t at) { return (tail[at] - '0') * 10 + (tail[at + 1] - '0'); };
    moment.month = two(1);
    moment.day = two(4);
    moment.hour = two(7);
    moment.minute = two(10);
    moment.second = two(13);
    return moment;
}

double timestamp(const Moment& parts) noexcept {
    const auto full_year = static_cast<double>(parts.year);
    const bool leap = is_leap_year(full_year);
    const std::int64_t year = leap ? 1972 : 1970;
    const std::int64_t missing_years = (parts.year < 0 ? parts.year + 1 : parts.year) - year;
    const double missing_leap_days = leap_years(full_year) - leap_years(static_cast<double>(year));
    return static_cast<double>(seconds_in_year(parts, leap)) +
           (static_cast<double>(missing_years * 365) + missing_leap_days) * 86400.0 -
           static_cast<double>(parts.timezone * 60);
}

double timestamp(const entity::TimeValue& time) noexcept { return timestamp(moment_of(time)); }

double timestamp(std::int64_t now) noexcept { return static_cast<double>(now); }

std::optional<std::int64_t> database_time(double timestamp) noexcept {
    constexpr double years_294276 = 9'224'318'015'999.0;
    if (timestamp < 0 || timestamp > years_294276)
        return std::nullopt;
    return static_cast<std::int64_t>(timestamp);
}

double difference_in_years(const Moment& minuend, const Moment& subtrahend) noexcept {
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
