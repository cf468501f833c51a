// SPDX-License-Identifier: GPL-2.0-or-later
// Ends of jobs inside a running transaction, for JobTable and ResultStore. Private to src/store.
#pragma once

#include "store/job.hpp"
#include "store/result_store.hpp"
#include "store/session_impl.hpp"

#include <span>
#include <string>
#include <string_view>

namespace runner::store {

/// How one job ends.
struct JobEnd {
    enum class Kind : unsigned char { done, delay, bury };
    const Lease* lease = nullptr;
    Kind kind = Kind::done;
    std::chrono::milliseconds delay{0};
    std::string_view reason; ///< for the dead list
    /// done: revision that was checked; dead jobs up to it are over too
    std::uint64_t revision = 0;
    JobState state = JobState::lost; ///< the answer
};

/// Ends the jobs and fills in `state`. Sorted by key, so that transactions don't block each other
/// in circles. Leases without a token get JobState::none.
void end_jobs(Transaction& transaction, std::vector<JobEnd>& ends);

/// Tells idle runners, with the commit.
void notify_jobs_ready(Transaction& transaction);

/// Throws base::Error when the database holds an entity id that is none.
[[nodiscard]] EntityKey read_key(const pqxx::field& wiki, const pqxx::field& entity);

} // namespace runner::store
