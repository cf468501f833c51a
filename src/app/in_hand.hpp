// SPDX-License-Identifier: GPL-2.0-or-later
// The jobs that this process has leased and not ended yet: for heartbeats, for the bound on how
// many are taken at once, and to know when draining is over.
#pragma once

#include "store/job.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <vector>

namespace runner::app {

/// Thread-safe.
class InHand {
public:
    void add(std::span<const store::Lease> leases) {
        const std::lock_guard lock(mutex_);
        for (const store::Lease& lease : leases) {
            store::Lease& kept = leases_[lease.token] = lease; // each job has a token of its own
            kept.document.reset();                             // a heartbeat needs none
        }
    }
    void remove(const store::Lease& lease) {
        {
            const std::lock_guard lock(mutex_);
            leases_.erase(lease.token);
        }
        fewer_.notify_all();
    }
    /// How many of them may be what ends the process.
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
    mutable std::mutex mutex_;
    std::condition_variable fewer_;
    std::map<std::uint64_t, store::Lease> leases_; // by token
};

/// A flag to sleep on until somebody raises it.
class Signal {
public:
    void raise() noexcept {
        {
            const std::lock_guard lock(mutex_);
            raised_ = true;
        }
        changed_.notify_all();
    }
    /// Waits until raised or `timeout`; lowers it.
    bool wait(std::chrono::milliseconds timeout) {
        std::unique_lock lock(mutex_);
        const bool was = changed_.wait_for(lock, timeout, [this] { return raised_; });
        raised_ = false;
        return was;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool raised_ = false;
};

} // namespace runner::app
