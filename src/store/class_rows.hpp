// SPDX-License-Identifier: GPL-2.0-or-later
// Rows of class_node inside a running transaction. Private to src/store.
#pragma once

#include "store/class_store.hpp"
#include "store/result_upsert.hpp"
#include "store/session_impl.hpp"

#include <span>
#include <vector>

namespace runner::store {

/// Upserts `rows`, in any order; of several of one class the newest counts.
void upsert_classes(Transaction& transaction, std::span<const ClassRow> rows);

/// What entities whose new result was just upserted (all `stored`) say as classes. Tells the other
/// runners what became different.
void update_classes(Transaction& transaction, const std::vector<Candidate*>& entities);

} // namespace runner::store
