// SPDX-License-Identifier: GPL-2.0-or-later
// What libpq makes of a connection string, without connecting.
#pragma once

#include <string>
#include <vector>

namespace runner::store {

/// Why libpq would not take it, in its words without passwords (config::redact_conninfo); empty: it
/// does.
[[nodiscard]] std::string libpq_problem(const std::string& conninfo);

/// The hosts that it names: names, addresses, folders of sockets. None when libpq would not take it.
[[nodiscard]] std::vector<std::string> conninfo_hosts(const std::string& conninfo);

} // namespace runner::store
