// SPDX-License-Identifier: GPL-2.0-or-later
// Which results can't be stored now, because another session holds locks on their rows.
#pragma once

#include "store/common/session.hpp"
#include "store/jobs/job.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace runner::store {

/// The places in `keys` of those of whose rows (result, pairs, dependencies, job) another
/// transaction has locked some. Waits for no lock. Errors as Session.
[[nodiscard]] std::vector<std::size_t> locked_entities(Session& session,
                                                       std::span<const EntityKey> keys);

} // namespace runner::store
