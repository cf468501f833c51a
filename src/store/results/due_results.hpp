// SPDX-License-Identifier: GPL-2.0-or-later
// Results that depend on the present time and are due for a check.
#pragma once

#include "store/common/session.hpp"
#include "store/results/followed.hpp"

#include <cstdint>
#include <span>

namespace runner::store {

/// Queues the entities of `wikis` whose results are due, at `priority`, some hundred at a time;
/// `changes` counts them. No order of events loses one: the job is inserted and the mark cleared in
/// one transaction, and a check that was in flight meanwhile, with a clock that is behind or
/// made before the time came, stores its mark again. Throws what the session throws.
[[nodiscard]] Followed queue_due_results(Session& session, std::span<const FollowedWiki> wikis,
                                         std::int16_t priority);

} // namespace runner::store
