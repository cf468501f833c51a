// SPDX-License-Identifier: GPL-2.0-or-later
// Whether the runner can work with what database.conninfo leads to. Private to src/store.
#pragma once

#include "store/common/libpqxx.hpp"
#include "store/common/session.hpp"

namespace runner::store {

/// For a connection on which nothing was done yet. Throws UnfitError when the database's encoding
/// is not UTF-8, or when a pooler gives each transaction another server process; libpqxx's errors
/// else. Costs one question, and a second connection when there is a pooler that is not known yet.
void require_fit_server(pqxx::connection& connection, const DatabaseOptions& options);

} // namespace runner::store
