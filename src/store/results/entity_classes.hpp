// SPDX-License-Identifier: GPL-2.0-or-later
// The classes of entities: for those in the work list the classes that they are instances of, and
// for all the classes at which their type checks start. Private to src/store.
#pragma once

#include "store/results/result_upsert.hpp"

#include <vector>

namespace runner::store {

// By difference; `entities` are all `stored`, sorted by key.
void update_violation_classes(Transaction& transaction, const std::vector<Candidate*>& entities);
void update_checked_classes(Transaction& transaction, const std::vector<Candidate*>& entities);

} // namespace runner::store
