// SPDX-License-Identifier: GPL-2.0-or-later
// SHA-1, for the hashes that Wikibase gives snaks and references. Not for secrets.
#pragma once

#include <string>
#include <string_view>

namespace runner::base {

/// 40 lower-case hexadecimal digits. Throws std::runtime_error when libcrypto refuses SHA-1.
[[nodiscard]] std::string sha1_hex(std::string_view data);

} // namespace runner::base
