// SPDX-License-Identifier: GPL-2.0-or-later
// Two tables of units, read in both directions.
#include "base/units.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <span>

namespace runner::base {
namespace {

struct Unit {
    std::string_view name;
    std::int64_t factor;
};

// largest first, as format() needs it
constexpr std::array<Unit, 9> sizes{{
    {"TiB", std::int64_t{1} << 40},
    {"TB", 1'000'000'000'000},
    {"GiB", std::int64_t{1} << 30},
    {"GB", 1'000'000'000},
    {"MiB", std::int64_t{1} << 20},
    {"MB", 1'000'000},
    {"KiB", std::int64_t{1} << 10},
    {"kB", 1'000},
    {"B", 1},
}};

constexpr std::array<Unit, 5> durations{{
    {"d", 86'400'000},
    {"h", 3'600'000},
    {"min", 60'000},
    {"s", 1'000},
    {"ms", 1},
}};

bool same_letters(std::string_view a, std::string_view b) noexcept {
    if (a.size() != b.size())
        return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if ((a[i] | 0x20) != (b[i] | 0x20))
            return false;
    return true;
}

std::optional<std::int64_t> parse(std::string_view text, std::span<const Unit> units,
                                  std::int64_t without_unit, std::int64_t max) noexcept {
    std::int64_t number = 0;
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || number < 0)
        return std::nullopt;
    std::string_view unit(rest, static_cast<std::size_t>(end - rest));
    if (!unit.empty() && unit.front() == ' ')
        unit.remove_prefix(1);
    std::int64_t factor = unit.empty() ? without_unit : 0;
    for (const Unit& u : units)
        if (same_letters(u.name, unit))
            factor = u.factor;
    if (factor == 0 || number > max / factor)
        return std::nullopt;
    return number * factor;
}

std::string format(std::int64_t value, std::span<const Unit> units) {
    for (const Unit& u : units)
        if (value >= u.factor && value % u.factor == 0)
            return std::to_string(value / u.factor) + std::string(u.name);
    return "0" + std::string(units.back().name);
}

} // namespace

std::optional<std::int64_t> parse_size(std::string_view text) noexcept {
    return parse(text, sizes, 1, std::numeric_limits<std::int64_t>::max());
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) noexcept {
    constexpr std::int64_t hundred_years = std::int64_t{36'525} * 86'400'000;
    if (const auto ms = parse(text, durations, 1'000, hundred_years))
        return std::chrono::milliseconds{*ms};
    return std::nullopt;
}

std::string format_size(std::int64_t bytes) { return format(bytes, sizes); }

std::string format_duration(std::chrono::milliseconds duration) {
    return format(duration.count(), durations);
}

} // namespace runner::base
