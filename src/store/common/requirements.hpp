// SPDX-License-Identifier: GPL-2.0-or-later
// The runner's requirements on its database, checked at startup and periodically. (Encoding and
// poolers are checked for every new connection: server_fitness.hpp.)
#pragma once

#include "store/common/session.hpp"

#include <string>

namespace runner::store {

/// Throws SchemaError when the schema is not that of this binary, RightsError when the role of the
/// session lacks a privilege on it, and as Session does.
void require_schema_and_rights(Session& session);

/// Rewrites the row of the runner `name` unchanged. Throws as Session: the database may be
/// read-only or its disk full, which no query would reveal.
void require_writable(Session& session, const std::string& name);

} // namespace runner::store
