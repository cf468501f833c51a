// SPDX-License-Identifier: GPL-2.0-or-later
// Recognizes formats that users mistake for a JSON dump.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace runner::source {

/// The format of a text that begins with `head` and can't be a JSON dump: "xz", "zip", "HTML" and
/// so on, with a hint where there is one. Empty for anything that may be JSON.
[[nodiscard]] std::optional<std::string> foreign_format(std::string_view head);

/// Describes a text without any entity, for error messages.
[[nodiscard]] std::string looks_like(std::string_view text);

} // namespace runner::source
