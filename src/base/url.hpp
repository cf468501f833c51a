// SPDX-License-Identifier: GPL-2.0-or-later
// Masks the secrets of URLs before they are shown. No other file does.
#pragma once

#include <string>
#include <string_view>

namespace runner::base {

/// `text` with the user name and password of each URL in it masked: "http://********@host/". Either
/// may be a secret.
[[nodiscard]] std::string mask_urls(std::string_view text);

} // namespace runner::base
