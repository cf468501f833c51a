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
    enum class Kind : unsigned char {
        done,
        delay,
        bury,
        defer,   ///< later again, without counting the attempt
        recheck, ///< the same: a dependency is known differently
        ask,     ///< at once again, without the document: the wiki is to be asked
        confirm, ///< later again; a lower revision is believed then
    };
    const Lease* lease = nullptr;
    Kind kind = Kind::done;
    std::chrono::milliseconds delay{0};
    std::string_view reason; ///< for the dead list
    /// done: revision that was checked; dead jobs up to it are over too
    std::uint64_t revision = 0;
    JobState state = JobState::lost; ///< the answer
};

/// What a job becomes whose lease ended with its process, as the SET list of an UPDATE of `job j`.
/// The attempt does not count: most of what a dead process held was not the reason of its death.
/// What was held twice is suspect: it waits until it can be tried without another suspect.
#define RUNNER_AFTER_DEATH                                                                         \
    " attempts = greatest(j.attempts - 1, 0), deaths = j.deaths + 1, "                             \
    "state = CASE WHEN j.deaths >= 1 THEN 'delayed' ELSE 'ready' END"                              \
    "::constraint_runner.job_state, "                                                              \
    "due_at = CASE WHEN j.deaths >= 1 THEN timestamptz 'infinity' END "

/// Ends the jobs and fills in `state`. Sorted by key, so that transactions don't block each other
/// in circles. Leases without a token get JobState::none.
void end_jobs(Transaction& transaction, std::vector<JobEnd>& ends);

/// Tells idle runners, with the commit.
void notify_jobs_ready(Transaction& transaction);

/// Throws base::Error when the database holds an entity id that is none.
[[nodiscard]] EntityKey read_key(const pqxx::field& wiki, const pqxx::field& entity);

} // namespace runner::store
