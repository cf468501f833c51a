// SPDX-License-Identifier: GPL-2.0-or-later
// What the server says of itself, for the metrics.
#pragma once

#include "store/common/session.hpp"

namespace runner::store {

/// For how long the oldest snapshot or transaction of this database has kept old versions of rows
/// from being cleaned away; 0 when there is none. Of other roles' sessions only what
/// pg_read_all_stats lets see. Errors as Session.
[[nodiscard]] double oldest_snapshot_seconds(Session& session);

} // namespace runner::store
