// SPDX-License-Identifier: GPL-2.0-or-later
// What a text without entities is: the formats that people take for a JSON dump by mistake.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace runner::source {

/// The format of a text that begins with `head` and can't be a JSON dump: "xz", "zip", "HTML" and
/// so on, with a hint where there is one. Empty for anything that may be JSON.
[[nodiscard]] std::optional<std::string> foreign_format(std::string_view head);

/// What a text without any entity looks like, for people.
[[nodiscard]] std::string looks_like(std::string_view text);

} // namespace runner::source
