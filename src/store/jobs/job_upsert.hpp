// SPDX-License-Identifier: GPL-2.0-or-later
// The upsert of jobs inside a running transaction. Private to src/store.
#pragma once

#include "store/common/session_impl.hpp"
#include "store/jobs/job.hpp"

#include <span>
#include <vector>

namespace runner::store {

/// As JobTable::accept(), without notifying runners.
[[nodiscard]] std::vector<bool> upsert_jobs(Transaction& transaction, std::span<const NewJob> jobs);

} // namespace runner::store
