// SPDX-License-Identifier: GPL-2.0-or-later
// Shared by the followers of all kinds of changes. Private to src/store.
#pragma once

#include "store/common/array.hpp"
#include "store/common/session_impl.hpp"
#include "store/jobs/job.hpp"
#include "store/results/followed.hpp"

#include <cstdint>
#include <set>
#include <span>
#include <string_view>

namespace runner::store {

/// The ids of all of `wikis`, as a parameter.
[[nodiscard]] TextArray names_of(std::span<const FollowedWiki> wikis);

struct Requeue {
    std::int16_t priority = 0;
    JobReason reason = JobReason::dependant;
};

/// Queues the entities and counts them.
void queue_again(Transaction& transaction, const std::set<EntityKey>& entities, Requeue requeue,
                 Followed& followed);

/// The same of entities of wikis without a source, those whose documents are kept.
void queue_kept(Transaction& transaction, const std::set<EntityKey>& entities, Requeue requeue,
                Followed& followed);

} // namespace runner::store
