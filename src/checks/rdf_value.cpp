// SPDX-License-Identifier: GPL-2.0-or-later
// See rdf_value.hpp.
#include "checks/rdf_value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <type_traits>

namespace runner::checks {

namespace {

constexpr std::string_view julian = "http://www.wikidata.org/entity/Q1985786";
constexpr std::string_view gregorian = "http://www.wikidata.org/entity/Q1985727";
constexpr std::string_view earth = "http://www.wikidata.org/entity/Q2";
constexpr int year_precision = 9;
constexpr int month_precision = 10;
constexpr int day_precision = 11;

/// ±YYYY…-MM-DDThh:mm:ssZ in its parts.
struct Date {
    bool negative = false;
    std::string_view year;  ///< without leading zeros, not empty
    int month = 0;          ///< 1 to 12
    int day = 0;            ///< 1 or more
    std::string_view clock; ///< after the T
};

std::optional<Date> split(std::string_view time) {
    if (time.size() < 21)
        return std::nullopt;
    Date date;
    date.negative = time.front() == '-';
    const std::size_t tail = time.size() - 16; // -MM-DDThh:mm:ssZ
    date.year = time.substr(1, tail - 1);
    date.year.remove_prefix(std::min(date.year.find_first_not_of('0'), date.year.size()));
    if (date.year.empty())
        return std::nullopt; // there is no year 0
    const auto two = [&](std::size_t at) {
        return (time[tail + at] - '0') * 10 + (time[tail + at + 1] - '0');
    };
    date.month = std::clamp(two(1), 1, 12);
    date.day = std::max(two(4), 1);
    date.clock = time.substr(tail + 7);
    return date;
}

int days_in_month(int month, std::int64_t year) {
    constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

/// The substitute for a long year: leap years repeat every 400 years.
std::int64_t calendar_year(const Date& date) {
    std::string_view digits = date.year;
    if (digits.size() > 12)
        digits.remove_prefix(digits.size() - 12);
    std::int64_t year = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), year);
    return date.negative ? 1 - year : year; // 1 BCE is the leap year 0
}

std::string gregorian_date(Date date, int precision) {
    if (precision <= year_precision)
        date.month = 1;
    if (precision <= month_precision)
        date.day = 1;
    if (date.day > 28)
        date.day = std::min(date.day, days_in_month(date.month, calendar_year(date)));
    std::string year{date.year};
    if (date.negative && precision >= year_precision) {
        year = fmt::format("{:.0f}", std::strtod(year.c_str(), nullptr) - 1);
        date.negative = year != "0";
    }
    return fmt::format("{}{:0>4}-{:02}-{:02}T{}", date.negative ? "-" : "", year, date.month,
                       date.day, date.clock);
}

/// By way of the Julian day number; empty for what PHP's calendar functions refuse.
std::string julian_date(const Date& date) {
    std::int64_t year = 0;
    const auto [end, error] =
        std::from_chars(date.year.data(), date.year.data() + date.year.size(), year);
    if (error != std::errc{} || year > (date.negative ? 4713 : 1'465'072) || date.day > 31)
        return {};
    if (date.negative)
        year = 1 - year;
    const std::int64_t before_march = date.month <= 2 ? 1 : 0;
    const std::int64_t y = year + 4800 - before_march;
    const std::int64_t m = date.month + 12 * before_march - 3;
    const std::int64_t number = date.day + (153 * m + 2) / 5 + 365 * y + y / 4 - 32083;
    if (number <= 0)
        return {};
    const std::int64_t f = number + 1401 + (4 * number + 274'277) / 146'097 * 3 / 4 - 38;
    const std::int64_t e = 4 * f + 3;
    const std::int64_t h = 5 * (e % 1461 / 4) + 2;
    const std::int64_t day = h % 153 / 5 + 1;
    const std::int64_t month = (h / 153 + 2) % 12 + 1;
    year = e / 1461 - 4716 + (14 - month) / 12;
    return fmt::format("{}{:04}-{:02}-{:02}T{}", year < 0 ? "-" : "", std::abs(year), month, day,
                       date.clock);
}

/// "+12.50" as "12.5": an xsd:decimal is its number.
std::string_view decimal(std::string_view amount) {
    if (amount.starts_with('+'))
        amount.remove_prefix(1);
    if (amount.find('.') != std::string_view::npos) {
        amount = amount.substr(0, amount.find_last_not_of('0') + 1);
        if (amount.ends_with('.'))
            amount.remove_suffix(1);
    }
    return amount;
}

/// As PHP's trim().
std::string_view trimmed(std::string_view text) {
    constexpr std::string_view spaces{" \t\n\r\0\v", 6};
    text.remove_prefix(std::min(text.find_first_not_of(spaces), text.size()));
    return text.substr(0, text.find_last_not_of(spaces) + 1);
}

void append_point(std::string& out, const entity::GlobeCoordinate& globe) {
    if (!globe.globe.empty() && globe.globe != earth)
        out.append("<").append(globe.globe).append("> ");
    char text[64];
    // as PHP writes a float into a text
    const int length =
        std::snprintf(text, sizeof text, "%.14G %.14G", globe.longitude, globe.latitude);
    out.append(text, static_cast<std::size_t>(length));
}

} // namespace

std::string rdf_date(const entity::TimeValue& time) {
    if (const auto date = split(time.time)) {
        if (time.precision < day_precision || time.calendar_model == gregorian)
            return gregorian_date(*date, time.precision);
        if (time.calendar_model == julian) {
            std::string converted = julian_date(*date);
            return converted.empty() ? gregorian_date(*date, time.precision) : converted;
        }
    }
    return std::string{time.time};
}

bool append_rdf_value(std::string& out, const entity::DataValue& value,
                      std::string_view data_type) {
    return std::visit(
        [&](const auto& v) {
            using Type = std::decay_t<decltype(v)>;
            if constexpr (std::is_same_v<Type, entity::OtherValue>) {
                if (!v.error.empty())
                    return false;
                out.append("other ").append(v.json);
            } else if constexpr (std::is_same_v<Type, entity::EntityId>) {
                out += "entity ";
                v.append_to(out);
            } else if constexpr (std::is_same_v<Type, std::string_view>) {
                out.append("string ").append(
                    data_type == "external-id" || data_type == "url" ? trimmed(v) : v);
            } else if constexpr (std::is_same_v<Type, entity::MonolingualText>) {
                out.append("text ").append(v.language).append(" ").append(v.text);
            } else if constexpr (std::is_same_v<Type, entity::TimeValue>) {
                out.append("date ").append(rdf_date(v));
            } else if constexpr (std::is_same_v<Type, entity::QuantityValue>) {
                out.append("decimal ").append(decimal(v.amount));
            } else {
                out += "point ";
                append_point(out, v);
            }
            return true;
        },
        value);
}

} // namespace runner::checks
