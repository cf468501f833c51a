// SPDX-License-Identifier: GPL-2.0-or-later
// Records for ChangeStore::follow() what must be checked again. Private to src/store.
#pragma once

#include "store/common/session_impl.hpp"
#include "store/jobs/job.hpp"

#include <cstdint>
#include <set>

namespace runner::store {

/// As the column entity_change.kind.
enum class ChangeKind : std::uint8_t {
    dependents,
    itself,
    below_class,
    whole_wiki,
    linked_property ///< the dependents that link to it as a value
};

/// One kind of them.
void note_changes(Transaction& transaction, const std::set<EntityKey>& entities, ChangeKind kind);

/// The dependents of `changed`, which others see differently now, and `to_check` themselves. Jobs
/// are not made here: this transaction has locked rows of jobs, or will, in another order.
void note_changes(Transaction& transaction, const std::set<EntityKey>& changed,
                  const std::set<EntityKey>& to_check);

} // namespace runner::store
