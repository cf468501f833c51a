// SPDX-License-Identifier: GPL-2.0-or-later
// Wakes a thread that waits for work.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace runner::base {

/// A flag that a thread can wait for.
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

} // namespace runner::base
