// SPDX-License-Identifier: GPL-2.0-or-later
// The guarded upsert of entity_result inside a running transaction. Private to src/store.
#pragma once

#include "store/common/session_impl.hpp"
#include "store/results/result_order.hpp"

#include <vector>

namespace runner::store {

/// One result on its way into the database.
struct Candidate {
    const Completed* completed = nullptr;
    const results::StoredResult* result = nullptr; ///< of the page's entity, or of a part of it
    EntityKey key;
    std::size_t position = 0;   ///< in the batch
    std::uint64_t revision = 0; ///< the result's, or what the job asked for when it has none
    std::uint64_t check = 0;
    Known known;             ///< what the database had when the transaction looked
    bool stored = false;     ///< filled in: it is what the database has now
    bool is_new = false;     ///< filled in: the entity had no row, hence no pairs either
    bool same_pairs = false; ///< filled in: the rows of RowDigests::pairs are as they are to be
    bool same_links =
        false; ///< filled in: those of RowDigests::links are, but for the entity's own
};

/// What others see of an entity with this result; empty: unknown.
[[nodiscard]] inline std::optional<std::uint64_t>
seen_of(const results::StoredResult& result) noexcept {
    return result.deleted && !result.seen ? results::seen_missing : result.seen;
}

/// Upserts the candidates, which are sorted by key and have each entity once, where the database
/// still has the check of `known`. From here to the end of the transaction the entities are locked,
/// so that pairs and dependencies are ours.
void upsert_results(Transaction& transaction, std::vector<Candidate*>& candidates);

} // namespace runner::store
