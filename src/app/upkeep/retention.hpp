// SPDX-License-Identifier: GPL-2.0-or-later
// The thread that removes expired data: events, and the tombstones of deleted entities.
#pragma once

#include "base/signal.hpp"
#include "store/common/session.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

namespace runner::app {

struct RetentionOptions {
    std::chrono::milliseconds events{}; ///< 0: forever, as the other
    std::chrono::milliseconds deleted{};
};

/// Works in small batches with pauses; only one runner on the database does so at a time.
class Retention {
public:
    Retention(store::DatabaseOptions database, RetentionOptions options);
    ~Retention();
    Retention(const Retention&) = delete;
    Retention& operator=(const Retention&) = delete;

    /// Since the start, by this process.
    [[nodiscard]] std::uint64_t events_removed() const noexcept { return events_removed_; }
    [[nodiscard]] std::uint64_t deleted_forgotten() const noexcept { return deleted_forgotten_; }

private:
    void loop();
    void remove_events(store::Session& session);
    void forget_deleted(store::Session& session);
    /// Pauses between two batches; false when stopping.
    bool pause();

    const store::DatabaseOptions database_;
    const RetentionOptions options_;
    std::atomic<std::uint64_t> events_removed_{0};
    std::atomic<std::uint64_t> deleted_forgotten_{0};
    base::Signal wake_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

} // namespace runner::app
