// SPDX-License-Identifier: GPL-2.0-or-later
// The leased jobs that wait for a thread, by wiki and priority: chooses the next job for a thread,
// and how many to lease for each wiki. A wiki whose source is slow has few jobs here and occupies
// its own threads only, so that it delays no other wiki; a job of a high priority is taken before
// all jobs of its wiki with lower ones.
#pragma once

#include "store/jobs/job.hpp"
#include "store/jobs/job_table.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace runner::queue {

/// Thread-safe.
class Hand {
public:
    using Clock = std::chrono::steady_clock;
    struct Job {
        store::Lease lease;
        Clock::time_point leased_at;
    };

    /// `threads`: for each wiki, how many of its jobs may run concurrently, plus one with a higher
    /// priority than another. `batch`: maximum number of jobs leased ahead for a wiki. `room` is
    /// called (without locks) when a wiki has become short of jobs and the queue may have more of
    /// it.
    Hand(const std::map<std::string, unsigned>& threads, std::uint32_t batch,
         std::function<void()> room);

    /// How many threads all wikis together can use.
    [[nodiscard]] std::size_t most_threads() const;

    /// The shares to lease now: as many jobs as a wiki processes within half a second, at least as
    /// many as its threads and at most `most`. If that many are waiting, only jobs with a higher
    /// priority than the lowest of them. Sorted by wiki.
    [[nodiscard]] std::vector<store::WikiShare> wanted(std::uint32_t most) const;

    /// Adds the jobs leased for `shares`, the answer of wanted(). If a wiki got fewer than wanted,
    /// the queue has no more of it; new jobs are announced, so `room` need not be called for it.
    /// Returns whether the queue may have more of any.
    bool put(std::span<const store::WikiShare> shares, std::vector<store::Lease>&& leases);
    void put(std::vector<store::Lease>&& leases);

    /// Waits for a job that a thread may start; wikis take turns. Empty after close().
    [[nodiscard]] std::optional<Job> take();
    /// The job of `wiki` with `priority` from take() has ended, after `took`.
    void done(const std::string& wiki, std::int16_t priority, Clock::duration took);

    /// Ends take(); returns what nothing has taken.
    std::vector<store::Lease> close();
    [[nodiscard]] bool closed() const;

private:
    struct Wiki {
        unsigned threads = 1;
        std::multimap<std::int16_t, Job, std::greater<>> waiting; ///< by priority, then age
        std::multimap<std::int16_t, bool> running;                ///< priorities
        double seconds = 0.1;                                     ///< of a job, on average
        bool dry = false; ///< the last lease took all that the queue had of it
    };
    using Wikis = std::map<std::string, Wiki>;
    [[nodiscard]] static bool may_begin(const Wiki& wiki);
    [[nodiscard]] std::size_t ahead(const Wiki& wiki, std::uint32_t most) const;

    const std::uint32_t batch_;
    const std::function<void()> room_;
    mutable std::mutex mutex_;
    std::condition_variable filled_;
    Wikis wikis_;
    std::string last_; ///< the wiki that had the last turn
    bool closed_ = false;
};

} // namespace runner::queue
