// SPDX-License-Identifier: GPL-2.0-or-later
// Shows other runners that this one is alive, and releases the jobs of a dead one, so that they
// continue within seconds instead of when their leases expire.
#pragma once

#include "ops/health.hpp"
#include "store/common/session.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace runner::app {

class Presence {
public:
    /// Announces the runner `name` before it returns; throws as store::RunnerTable::announce().
    /// `given_back` is called from the thread after jobs of a dead runner became ready; failures go
    /// to `health`.
    Presence(const store::DatabaseOptions& database, std::string name, ops::Health& health,
             std::function<void()> given_back);
    /// Takes the runner's row away, unless it still holds jobs.
    ~Presence();
    Presence(const Presence&) = delete;
    Presence& operator=(const Presence&) = delete;

private:
    using Clock = std::chrono::steady_clock;
    void run();
    void look_at_others();
    void end(const std::string& name);

    store::Session session_;
    const std::string name_;
    ops::Health& health_;
    const std::function<void()> given_back_;
    std::map<std::string, Clock::time_point> unlocked_; ///< runners, and since when
    std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace runner::app
