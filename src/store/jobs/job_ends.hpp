// SPDX-License-Identifier: GPL-2.0-or-later
// Ends of jobs inside a running transaction, for JobTable and ResultStore. Private to src/store.
#pragma once

#include "store/common/session_impl.hpp"
#include "store/jobs/job.hpp"

#include <span>
#include <string>
#include <string_view>

namespace runner::store {

/// How one job ends.
struct JobEnd {
    enum class Kind : unsigned char {
        done,
        delay,
        bury,
        defer,   ///< retry later, without counting the attempt
        recheck, ///< the same: a dependency has changed
        ask,     ///< retry immediately, without the document: ask the wiki
        confirm, ///< retry later; then a lower revision is accepted
    };
    const Lease* lease = nullptr;
    Kind kind = Kind::done;
    std::chrono::milliseconds delay{0};
    std::string_view reason; ///< for the dead list
    /// done: revision that was checked; dead jobs up to it are over too
    std::uint64_t revision = 0;
    JobState state = JobState::lost; ///< the answer
};

/// The SET list of an UPDATE of `job j` for a job whose lease ended with its process. The attempt
/// does not count: most jobs of a dead process did not cause its death. A job with two deaths is
/// suspect: it waits until it can be tried without another suspect.
#define RUNNER_AFTER_DEATH                                                                         \
    " attempts = greatest(j.attempts - 1, 0), deaths = j.deaths + 1, "                             \
    "state = CASE WHEN j.deaths >= 1 THEN 'delayed' ELSE 'ready' END"                              \
    "::constraint_runner.job_state, "                                                              \
    "due_at = CASE WHEN j.deaths >= 1 THEN timestamptz 'infinity' END "

/// Ends the jobs and fills in `state`. Sorted by key, so that transactions don't block each other
/// in circles. Leases without a token get JobState::none.
void end_jobs(Transaction& transaction, std::vector<JobEnd>& ends);

/// Notifies idle runners, at commit.
void notify_jobs_ready(Transaction& transaction);

/// Throws base::Error when the database contains an invalid entity id.
[[nodiscard]] EntityKey read_key(const pqxx::field& wiki, const pqxx::field& entity);

} // namespace runner::store
