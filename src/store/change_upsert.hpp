// SPDX-License-Identifier: GPL-2.0-or-later
// Notes which entities others see differently now. Private to src/store.
#pragma once

#include "store/result_upsert.hpp"

#include <vector>

namespace runner::store {

/// `entities` are all `stored` and sorted by key.
void note_changes(Transaction& transaction, const std::vector<Candidate*>& entities);

} // namespace runner::store
