// SPDX-License-Identifier: GPL-2.0-or-later
// The jobs that this process has leased and not ended yet: for heartbeats, for the limit on
// concurrent jobs, and to know when draining is over.
#pragma once

#include "store/jobs/job.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace runner::app {

/// A job that a thread has started.
struct BegunJob {
    std::string entity;
    std::string wiki;
    double seconds = 0; ///< since then
    const char* stage = "";
};

/// Thread-safe.
class InHand {
public:
    void add(std::span<const store::Lease> leases) {
        const std::lock_guard lock(mutex_);
        for (const store::Lease& lease : leases) {
            store::Lease& kept = leases_[lease.token] = lease; // each job has its own token
            kept.document.reset();                             // a heartbeat needs none
        }
    }
    void remove(const store::Lease& lease) {
        {
            const std::lock_guard lock(mutex_);
            leases_.erase(lease.token);
            begun_.erase(lease.token);
        }
        fewer_.notify_all();
    }
    /// Records the stage of a job; the first call starts it.
    void note_stage(const store::Lease& lease, const char* stage) {
        const std::lock_guard lock(mutex_);
        if (leases_.contains(lease.token))
            begun_.try_emplace(lease.token, Clock::now(), stage).first->second.stage = stage;
    }
    /// The started jobs, longest-running first.
    [[nodiscard]] std::vector<BegunJob> begun() const {
        const std::lock_guard lock(mutex_);
        std::vector<BegunJob> jobs;
        for (const auto& [token, begun] : begun_) {
            const store::EntityKey& key = leases_.at(token).key;
            jobs.push_back({key.entity.to_string(), key.wiki,
                            std::chrono::duration<double>(Clock::now() - begun.at).count(),
                            begun.stage});
        }
        std::sort(jobs.begin(), jobs.end(),
                  [](const BegunJob& a, const BegunJob& b) { return a.seconds > b.seconds; });
        return jobs;
    }
    /// How many of them are suspected of crashing processes.
    [[nodiscard]] std::size_t suspects() const {
        const std::lock_guard lock(mutex_);
        std::size_t count = 0;
        for (const auto& [token, lease] : leases_)
            count += lease.suspect() ? 1 : 0;
        return count;
    }
    [[nodiscard]] std::size_t size() const {
        const std::lock_guard lock(mutex_);
        return leases_.size();
    }
    [[nodiscard]] std::vector<store::Lease> all() const {
        const std::lock_guard lock(mutex_);
        std::vector<store::Lease> leases;
        leases.reserve(leases_.size());
        for (const auto& [token, lease] : leases_)
            leases.push_back(lease);
        return leases;
    }
    /// Waits until there are at most `count`, for at most `timeout`; false when there are more.
    bool wait_at_most(std::size_t count, std::chrono::milliseconds timeout) {
        std::unique_lock lock(mutex_);
        return fewer_.wait_for(lock, timeout, [&] { return leases_.size() <= count; });
    }

private:
    using Clock = std::chrono::steady_clock;
    struct Begun {
        Clock::time_point at;
        const char* stage;
    };
    mutable std::mutex mutex_;
    std::condition_variable fewer_;
    std::map<std::uint64_t, store::Lease> leases_; // by token
    std::map<std::uint64_t, Begun> begun_;         // of them
};

} // namespace runner::app
