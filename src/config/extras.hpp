// SPDX-License-Identifier: GPL-2.0-or-later
// Extras: findings beyond WBQC. Off by default, named one by one in `extras`, and kept
// beside WBQC's results, never among them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace runner::config {

enum class Extra : std::uint8_t {
    fix,       ///< what to use instead, from the qualifiers of the violated constraint
    types,     ///< constraint types that WBQC does not check
    classes,   ///< classes as a parameter of none of, conflicts with and item requires statement
    redirects, ///< links back to a redirect of the subject, for inverse and symmetric
    times,     ///< times as intervals, by their precision and calendar
    beside,    ///< conflicts with and item requires statement in qualifiers and references
    distinct,  ///< distinct values in qualifiers and references, wherever others have them
};

/// As they are written in `extras`; indexed by Extra.
inline constexpr std::array<std::string_view, 7> extra_names{
    "fix", "types", "classes", "redirects", "times", "beside", "distinct"};

[[nodiscard]] constexpr std::string_view to_string(Extra extra) noexcept {
    return extra_names[static_cast<std::size_t>(extra)];
}

/// What is wrong with the name of an extra; empty when nothing is.
[[nodiscard]] std::string extra_problem(const std::string& text);

} // namespace runner::config
