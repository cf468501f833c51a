// SPDX-License-Identifier: GPL-2.0-or-later
// What may be shown of a libpq connection string: nothing that could be a part of its password.
#pragma once

#include <string>
#include <string_view>

namespace runner::config {

/// Why libpq would not read `conninfo` as it was meant; empty when it does. Quotes nothing of it.
[[nodiscard]] std::string conninfo_problem(const std::string& conninfo);

/// `conninfo` as it may be shown: the values of passwords masked, and all of it when
/// conninfo_problem() is not empty.
[[nodiscard]] std::string mask_conninfo(std::string_view conninfo);

/// A library's message about `conninfo` without passwords, written as in it or decoded. When it
/// is not certain what the password is, nothing that the message quotes stays.
[[nodiscard]] std::string redact_conninfo(std::string text, std::string_view conninfo);

} // namespace runner::config
