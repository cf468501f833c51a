// SPDX-License-Identifier: GPL-2.0-or-later
// What is valid UTF-8, for texts that may quote any bytes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace runner::base {

/// The length of the UTF-8 sequence at the start of `s`, 0 when it is not valid UTF-8.
[[nodiscard]] std::size_t utf8_length(std::string_view s) noexcept;

/// `text` as one line of valid UTF-8, cut between two characters after at most `max_bytes`:
/// control characters become spaces, and bytes that are not UTF-8 U+FFFD.
[[nodiscard]] std::string one_line_utf8(std::string_view text, std::size_t max_bytes);

} // namespace runner::base
