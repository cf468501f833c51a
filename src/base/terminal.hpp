// SPDX-License-Identifier: GPL-2.0-or-later
// Text of others, made safe for a terminal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace runner::base {

/// Whether the character turns the direction of the text that follows it (U+061C, U+200E, U+200F,
/// U+202A to U+202E, U+2066 to U+2069): on a terminal a value with one can show another text.
[[nodiscard]] constexpr bool is_bidi_control(std::uint32_t character) noexcept {
    return character == 0x061C || character == 0x200E || character == 0x200F ||
           (character >= 0x202A && character <= 0x202E) ||
           (character >= 0x2066 && character <= 0x2069);
}

/// Bidirectional controls become escapes ("\u202E"), and other control characters (line feeds, tabs
/// and terminal escapes too) become `control`.
[[nodiscard]] std::string terminal_text(std::string_view text, char control = ' ');

/// The beginning of `text` that fits into so many columns, in whole characters.
[[nodiscard]] std::string_view first_columns(std::string_view text, std::size_t columns);

} // namespace runner::base
