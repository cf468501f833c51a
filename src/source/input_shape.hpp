// SPDX-License-Identifier: GPL-2.0-or-later
// Detects the layout of an input from its beginning.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace runner::source {

enum class Shape : std::uint8_t {
    unknown, ///< more of the text is needed
    lines,   ///< each object on its own line: NDJSON, and the array of JSON dumps
    members, ///< objects wherever they stand
    foreign, ///< not an input
};

/// Lines (or objects) of which one must be an entity, redirect or missing page.
inline constexpr std::size_t most_strange_lines = 1000;

/// `text` is the beginning of the input, or all of it. For `foreign` `reason` says why.
[[nodiscard]] Shape shape_of(std::string_view text, bool at_end, std::string& reason);

} // namespace runner::source
