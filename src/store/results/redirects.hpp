// SPDX-License-Identifier: GPL-2.0-or-later
// Pages that redirect, and whether their targets exist. Private to src/store.
//
// A wiki may answer "missing" for a redirect R while its target T is missing, and nothing announces
// that R is a redirect again when T is restored. The store therefore remembers R → T, and asks for
// R again where the two disagree: R missing and T there.
//
// Why no order of events leaves them so: let T1 store R as missing and T2 store T as found. If T2
// sees T1's row, it notes T as changed, and the follower queues R. If T1 sees T2's row, or an older
// one of a T that was there, R comes back at once; that question is asked after T1's commit, hence
// after T2 read, hence after the wiki's answer that T is there. If neither sees the other's row, T
// was gone before T2, so that `seen` of T changes; the follower waits for the end of both and finds
// R.
#pragma once

#include "store/common/session_impl.hpp"
#include "store/results/result_upsert.hpp"

#include <set>
#include <span>
#include <vector>

namespace runner::store {

struct RedirectDoubts {
    std::set<EntityKey> redirects; ///< of those stored: missing, and their target is there
    std::set<EntityKey> targets;   ///< of those stored: there, and a redirect to them is missing
};

/// Stores the targets of the candidates (all `stored`).
[[nodiscard]] RedirectDoubts update_redirects(Transaction& transaction,
                                              const std::vector<Candidate*>& candidates);

/// Queues questions to the wiki about those of `redirects`, pages that redirect, without a stored
/// result.
void note_unknown_redirects(Transaction& transaction, const std::set<EntityKey>& redirects);

/// Redirects to one of `targets` that are stored as missing while the target exists, or vice
/// versa.
[[nodiscard]] std::vector<EntityKey> doubtful_redirects(Transaction& transaction,
                                                        std::span<const EntityKey> targets);

} // namespace runner::store
