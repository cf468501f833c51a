// SPDX-License-Identifier: GPL-2.0-or-later
// Stored results picked at random, to be compared with fresh ones.
#pragma once

#include "store/common/session.hpp"
#include "store/jobs/job.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace runner::store {

/// About `count` entities of the wiki that have a result (all, when there are no more), in random
/// order. Errors as those of the session.
[[nodiscard]] std::vector<EntityKey> sample_stored(Session& session, std::string_view wiki,
                                                   std::uint64_t count);

} // namespace runner::store
