// SPDX-License-Identifier: GPL-2.0-or-later
// Parses the target of a request: path and query, percent-decoded.
#pragma once

#include "api/message.hpp"

#include <string>
#include <string_view>

namespace runner::api {

/// Fills path and query of `request`. False when the target is not a path, or its escapes are
/// invalid.
[[nodiscard]] bool parse_target(std::string_view target, Request& request);

/// `text` as a part of an address; the characters of `kept` stay as they are, too.
[[nodiscard]] std::string percent_encode(std::string_view text, std::string_view kept = {});

} // namespace runner::api
