// SPDX-License-Identifier: GPL-2.0-or-later
// Parses a connection string with libpq, without connecting.
#pragma once

#include <string>
#include <vector>

namespace runner::store {

/// Why libpq rejects it, libpq's message without passwords (config::redact_conninfo); empty: it
/// does not.
[[nodiscard]] std::string libpq_problem(const std::string& conninfo);

/// The hosts that it names: names, addresses, folders of sockets. None when libpq rejects it.
[[nodiscard]] std::vector<std::string> conninfo_hosts(const std::string& conninfo);

} // namespace runner::store
