// SPDX-License-Identifier: GPL-2.0-or-later
// Times as text, with the calendar of <chrono>: no locale, no time zone, no C library state.
#include "base/clock.hpp"

#include <fmt/format.h>

#include <charconv>

namespace runner::base {
namespace {

std::string format(SystemTime time, bool milliseconds) {
    using namespace std::chrono;
    const auto day = floor<days>(time);
    const year_month_day date{day};
    const hh_mm_ss<std::chrono::milliseconds> clock{floor<std::chrono::milliseconds>(time - day)};
    std::string text =
        fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                    clock.hours().count(), clock.minutes().count(), clock.seconds().count());
    if (milliseconds)
        text += fmt::format(".{:03}", clock.subseconds().count());
    text += 'Z';
    return text;
}

template <typename Number>
bool digits(std::string_view text, std::size_t from, std::size_t count, Number& out) noexcept {
    if (text.size() < from + count)
        return false;
    for (std::size_t i = from; i < from + count; ++i)
        if (text[i] < '0' || text[i] > '9')
            return false;
    return std::from_chars(text.data() + from, text.data() + from + count, out).ec == std::errc{};
}

} // namespace

std::int64_t unix_seconds() noexcept {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())
        .time_since_epoch()
        .count();
}

std::string iso8601(SystemTime time) { return format(time, false); }

std::string iso8601_milliseconds(SystemTime time) { return format(time, true); }

std::optional<std::int64_t> parse_time(std::string_view text) noexcept {
    using namespace std::chrono;
    std::int64_t seconds = 0;
    if (text.size() <= 12 && digits(text, 0, text.size(), seconds) && !text.empty())
        return seconds;

    int y = 0;
    unsigned month_number = 0;
    unsigned d = 0;
    int h = 0;
    int m = 0;
    int s = 0;
    const bool shape = text.size() == 20 && text[4] == '-' && text[7] == '-' && text[10] == 'T' &&
                       text[13] == ':' && text[16] == ':' && text[19] == 'Z';
    if (!shape || !digits(text, 0, 4, y) || !digits(text, 5, 2, month_number) ||
        !digits(text, 8, 2, d) || !digits(text, 11, 2, h) || !digits(text, 14, 2, m) ||
        !digits(text, 17, 2, s))
        return std::nullopt;
    const year_month_day date{year{y}, month{month_number}, day{d}};
    if (!date.ok() || y < 1970 || h > 23 || m > 59 || s > 59)
        return std::nullopt;
    return (sys_days{date}.time_since_epoch() + hours{h} + minutes{m} + std::chrono::seconds{s}) /
           std::chrono::seconds{1};
}

} // namespace runner::base
