// SPDX-License-Identifier: GPL-2.0-or-later
// Chooses the connections to keep when there are too many: no client can lock the others out,
// whether it opens silent connections, sends half requests, or holds idle ones.
#pragma once

#include "api/connection.hpp"

#include <string>

namespace runner::api {

/// Whether one more connection of `client` may be served. At a limit (of all connections, or of
/// the share of one client) the connection that has kept a request waiting longest is replaced: of
/// the same client when that one has its share, else of one that has no fewer than it.
[[nodiscard]] bool make_room(ServerState& state, const std::string& client);

} // namespace runner::api
