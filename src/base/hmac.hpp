// SPDX-License-Identifier: GPL-2.0-or-later
// HMAC-SHA256 (RFC 2104), for the signature of what is sent to other services.
#pragma once

#include <string>
#include <string_view>

namespace runner::base {

/// 64 lower-case hexadecimal digits. Throws std::runtime_error when libcrypto can't compute it.
[[nodiscard]] std::string hmac_sha256_hex(std::string_view key, std::string_view message);

} // namespace runner::base
