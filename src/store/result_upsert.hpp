// SPDX-License-Identifier: GPL-2.0-or-later
// The guarded upsert of entity_result inside a running transaction. Private to src/store.
#pragma once

#include "store/result_store.hpp"
#include "store/session_impl.hpp"

#include <vector>

namespace runner::store {

/// One completed check on its way into the database.
struct Candidate {
    const Completed* completed = nullptr;
    std::size_t position = 0;    ///< in the batch
    std::uint64_t revision = 0;  ///< the result's, or what the job asked for when it has none
    std::uint64_t check = 0;
    int tombstone = 0;           ///< as the column
    bool stored = false;         ///< filled in: it is what the database has now
    bool is_new = false;         ///< filled in: the entity had no row, hence no pairs either
    bool seen_differently = false; ///< filled in: others see another entity than before
};

[[nodiscard]] Candidate make_candidate(const Completed& completed, std::size_t position);

/// Upserts the candidates, which are sorted by key and have each entity once. From here to the
/// end of the transaction the entities are locked, so that pairs and dependencies are ours.
void upsert_results(Transaction& transaction, std::vector<Candidate*>& candidates);

} // namespace runner::store
