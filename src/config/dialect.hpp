// SPDX-License-Identifier: GPL-2.0-or-later
// The versions of WBQC whose results the runner can reproduce, and all differences between them. A
// check reads the property that it needs and never compares versions: what changes in WBQC is a
// column here, and a new version that changes something is a row.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace runner::config {

/// Each covers all later versions up to the next.
enum class WbqcVersion : unsigned char { v1_43, v1_44 };

inline constexpr WbqcVersion newest_wbqc = WbqcVersion::v1_44;

/// How the expression R of a format is passed to preg_match.
enum class PatternStyle : unsigned char {
    slashes,     ///< `/^(?:R)$/u`, with each slash in R escaped
    parentheses, ///< `(^(?:R)$)u`, with R as it is
};

struct Dialect {
    std::string_view version; ///< the first version with this behaviour

    PatternStyle format_style;
    /// At a limit of preg_match the parameter is bad; else the text violates.
    bool format_limit_is_bad_parameter;
    /// parameter-regex shows the pattern passed to preg_match; else the bare expression.
    bool format_error_shows_pattern;

    /// Main values and separators are compared with unit, bounds, precision and calendar; else as
    /// the numbers, days and points of Wikibase's simple RDF values.
    bool distinct_full_values;
    /// A statement with more values of the separators that this one has is the same too.
    bool distinct_more_separators;
    /// Qualifiers and references are searched only in statements of their own property.
    bool distinct_only_own_property;
};

inline constexpr std::array<Dialect, 2> dialects{{
    {.version = "1.43",
     .format_style = PatternStyle::slashes,
     .format_limit_is_bad_parameter = false,
     .format_error_shows_pattern = true,
     .distinct_full_values = false,
     .distinct_more_separators = false,
     .distinct_only_own_property = false},
    {.version = "1.44",
     .format_style = PatternStyle::parentheses,
     .format_limit_is_bad_parameter = true,
     .format_error_shows_pattern = false,
     .distinct_full_values = true,
     .distinct_more_separators = true,
     .distinct_only_own_property = true},
}};

[[nodiscard]] constexpr const Dialect& dialect_of(WbqcVersion version) noexcept {
    return dialects[static_cast<std::size_t>(version)];
}

} // namespace runner::config
