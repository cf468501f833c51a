// SPDX-License-Identifier: GPL-2.0-or-later
// All UTF-8 code of the runner: validation, character boundaries, and truncation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace runner::base {

/// The length of the UTF-8 sequence at the start of `s`, 0 when it is not valid UTF-8.
[[nodiscard]] std::size_t utf8_length(std::string_view s) noexcept;

/// The character at `at`, which moves behind it; empty when the bytes are not valid UTF-8.
[[nodiscard]] std::optional<std::uint32_t> next_character(std::string_view text,
                                                          std::size_t& at) noexcept;

void append_utf8(std::string& out, std::uint32_t character);

/// Whether a byte continues with a character, in text that is valid UTF-8.
[[nodiscard]] constexpr bool is_utf8_tail(char byte) noexcept {
    return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

/// The longest beginning of at most `max_bytes` that does not end within a character.
[[nodiscard]] std::string_view utf8_prefix(std::string_view text, std::size_t max_bytes) noexcept;

/// `text` as one line of valid UTF-8, cut between two characters after at most `max_bytes`:
/// control characters become spaces, and bytes that are not UTF-8 U+FFFD.
[[nodiscard]] std::string one_line_utf8(std::string_view text, std::size_t max_bytes);

} // namespace runner::base
