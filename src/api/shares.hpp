// SPDX-License-Identifier: GPL-2.0-or-later
// Which connections may stay when there are too many: no client keeps the others out, whether it
// opens connections and says nothing, sends halves of requests, or holds idle ones.
#pragma once

#include "api/connection.hpp"

#include <string>

namespace runner::api {

/// Whether one more connection of `client` may be served. At a limit (of all connections, or of
/// the share of one client) the connection that has kept a request waiting longest gives way: of
/// the same client when that one has its share, else of one that has no fewer than it.
[[nodiscard]] bool make_room(ServerState& state, const std::string& client);

} // namespace runner::api
