// SPDX-License-Identifier: GPL-2.0-or-later
// UTF-8 and what Unicode says of characters: normalization form C, and title case. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace runner::base {

/// The character at `at`, which moves behind it; empty when the bytes are not valid UTF-8.
[[nodiscard]] std::optional<std::uint32_t> next_character(std::string_view text,
                                                          std::size_t& at) noexcept;

void append_utf8(std::string& out, std::uint32_t character);

/// The text with its characters composed: "é" as one character, not as "e" and an accent. `text`
/// is valid UTF-8.
[[nodiscard]] std::string nfc(std::string_view text);

/// The character that begins a capitalized word; the same one when there is none, or when it would
/// be several.
[[nodiscard]] std::uint32_t title_case(std::uint32_t character) noexcept;

} // namespace runner::base
