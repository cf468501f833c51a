// SPDX-License-Identifier: GPL-2.0-or-later
// Storing completed checks inside a running transaction. Private to src/store.
#pragma once

#include "store/common/session_impl.hpp"
#include "store/results/result_store.hpp"

#include <span>
#include <vector>

namespace runner::store {

/// As ResultStore::store(), but one result that the database rejects fails all of them.
[[nodiscard]] std::vector<Outcome> store_results(Transaction& transaction,
                                                 std::span<const Completed> batch);

} // namespace runner::store
