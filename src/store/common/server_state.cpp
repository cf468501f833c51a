// SPDX-License-Identifier: GPL-2.0-or-later
// See server_state.hpp.
#include "store/common/server_state.hpp"

#include "store/common/session_impl.hpp"

namespace runner::store {

namespace {

constexpr Statement oldest_snapshot{"oldest_snapshot", R"(
SELECT coalesce(extract(epoch FROM clock_timestamp() - min(since)), 0)::float8
FROM (SELECT xact_start AS since FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL)
      UNION ALL
      SELECT prepared FROM pg_prepared_xacts WHERE database = current_database()) AS held)"};

} // namespace

double oldest_snapshot_seconds(Session& session) {
    return session.impl().run([](Transaction& transaction) {
        return transaction.exec(oldest_snapshot)[0][0].as<double>();
    });
}

} // namespace runner::store
