// SPDX-License-Identifier: GPL-2.0-or-later
// What a library says of an error, as far as it is for people: without the place in the library's
// source. Goes behind a sentence of ours.
#pragma once

#include <cstddef>
#include <exception>
#include <string>
#include <string_view>

namespace runner::base {

/// Without the " [boost.json:1 at ./boost/json/…:635 in function '…']" with which Boost ends its
/// texts.
[[nodiscard]] std::string plain_reason(std::string_view text);
[[nodiscard]] inline std::string plain_reason(const std::exception& error) {
    return plain_reason(std::string_view(error.what()));
}

/// "line 3, byte 5" of the byte at `offset` of a text; both begin at 1.
[[nodiscard]] std::string place_in(std::string_view text, std::size_t offset);

} // namespace runner::base
