// SPDX-License-Identifier: GPL-2.0-or-later
// Of which revisions results are stored, asked for many entities at once.
#pragma once

#include "store/common/session.hpp"
#include "store/jobs/job.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <string>

namespace runner::store {

struct ResultState {
    std::uint64_t revision = 0;
    std::string checked_at; ///< as ResultRow::checked_at
};

/// Of those entities that have a stored result. One query; none for an empty list. Errors as
/// Session.
[[nodiscard]] std::map<EntityKey, ResultState> result_states(Session& session,
                                                             std::span<const EntityKey> keys);

} // namespace runner::store
