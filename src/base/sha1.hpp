// SPDX-License-Identifier: GPL-2.0-or-later
// SHA-1, for the hashes that Wikibase gives snaks and references. Not for secrets.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace runner::base {

/// 40 lower-case hexadecimal digits. Throws std::runtime_error when libcrypto refuses SHA-1.
[[nodiscard]] std::array<std::uint8_t, 20> sha1(std::string_view data);

[[nodiscard]] std::string sha1_hex(std::string_view data);

} // namespace runner::base
