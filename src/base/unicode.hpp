// SPDX-License-Identifier: GPL-2.0-or-later
// Unicode properties of characters: normalization form C, title case, and columns. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace runner::base {

/// The text with its characters composed: "é" as one character, not as "e" and an accent. `text`
/// is valid UTF-8.
[[nodiscard]] std::string nfc(std::string_view text);

/// The character that begins a capitalized word; the same one when there is none, or when it would
/// be several.
[[nodiscard]] std::uint32_t title_case(std::uint32_t character) noexcept;

/// How many columns of a terminal the character takes: 2 for wide ones of East Asia and emoji, 0
/// for marks over others, else 1.
[[nodiscard]] std::size_t columns_of(std::uint32_t character) noexcept;
/// Likewise of a text; a byte that is not UTF-8 is a column.
[[nodiscard]] std::size_t columns_of(std::string_view text) noexcept;

} // namespace runner::base
