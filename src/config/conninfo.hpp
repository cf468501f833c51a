// SPDX-License-Identifier: GPL-2.0-or-later
// Finds the passwords in libpq connection strings, so that they can be shown safely. No other file
// does.
#pragma once

#include <string>
#include <string_view>

namespace runner::config {

/// Why libpq would misread `conninfo`; empty if it would not. Never quotes it.
[[nodiscard]] std::string conninfo_problem(const std::string& conninfo);

/// `conninfo` as it may be shown: the values of passwords masked, and all of it when
/// conninfo_problem() is not empty.
[[nodiscard]] std::string mask_conninfo(std::string_view conninfo);

/// A library's message about `conninfo` without passwords, written as in it or decoded. If the end
/// of a password is uncertain, everything that the message quotes is removed.
[[nodiscard]] std::string redact_conninfo(std::string text, std::string_view conninfo);

} // namespace runner::config
