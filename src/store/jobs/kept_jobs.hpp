// SPDX-License-Identifier: GPL-2.0-or-later
// Jobs with documents that are kept (kept_documents.hpp). Private to src/store.
#pragma once

#include "store/common/session_impl.hpp"
#include "store/jobs/job.hpp"

#include <set>
#include <vector>

namespace runner::store {

/// One for each of the entities whose document is kept; the others can't be checked again.
[[nodiscard]] std::vector<NewJob> kept_jobs(Transaction& transaction,
                                            const std::set<EntityKey>& entities);

} // namespace runner::store
