// SPDX-License-Identifier: GPL-2.0-or-later
// Where the passwords of a libpq connection string are, and so what may be shown: known here alone.
#pragma once

#include <string>
#include <string_view>

namespace runner::config {

/// Why libpq would not read `conninfo` as it was meant; empty when it does. Quotes nothing of it.
[[nodiscard]] std::string conninfo_problem(const std::string& conninfo);

/// `conninfo` as it may be shown: the values of passwords masked, and all of it when
/// conninfo_problem() is not empty.
[[nodiscard]] std::string mask_conninfo(std::string_view conninfo);

/// A library's message about `conninfo` without passwords, written as in it or decoded. When there is
/// one and it is not certain where it ends, nothing that the message quotes stays.
[[nodiscard]] std::string redact_conninfo(std::string text, std::string_view conninfo);

} // namespace runner::config
