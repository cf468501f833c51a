// SPDX-License-Identifier: GPL-2.0-or-later
// What the runner needs of its database, asked at the start and every now and then. (Encoding and
// poolers are looked at whenever a connection is made: server_fitness.hpp.)
#pragma once

#include "store/session.hpp"

#include <string>

namespace runner::store {

/// Throws SchemaError when the schema is not that of this binary, RightsError when the role of the
/// session lacks a right on it, and as Session does.
void require_schema_and_rights(Session& session);

/// Writes the row of the runner `name` as it is. Throws as Session: the database may be read-only or
/// its disk full, which no question would tell.
void require_writable(Session& session, const std::string& name);

} // namespace runner::store
