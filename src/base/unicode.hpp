// SPDX-License-Identifier: GPL-2.0-or-later
// What Unicode says of characters: normalization form C, and title case. Pure.
#pragma once

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

} // namespace runner::base
