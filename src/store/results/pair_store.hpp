// SPDX-License-Identifier: GPL-2.0-or-later
// Violation pairs, dependencies and events of entities whose new result was just upserted, by
// difference: rows that stay the same are not written. Private to src/store.
#pragma once

#include "store/common/notification.hpp"
#include "store/results/result_upsert.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace runner::store {

struct PairChanges {
    std::uint32_t appeared = 0;
    std::uint32_t disappeared = 0;
};

/// One answer for each of `entities` (all `stored`, sorted by key), in their order. Writes the
/// events and notifications too.
[[nodiscard]] std::vector<PairChanges> update_violations(Transaction& transaction,
                                                         const std::vector<Candidate*>& entities);

void update_dependencies(Transaction& transaction, const std::vector<Candidate*>& entities);

/// Notifies the other runners, with the commit.
void notify_changed(Transaction& transaction);

} // namespace runner::store
