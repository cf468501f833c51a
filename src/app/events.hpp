// SPDX-License-Identifier: GPL-2.0-or-later
// Events in the daemon: how long they are kept, and what the metrics say of them.
#pragma once

#include "app/retention.hpp"
#include "base/thread_pool.hpp"
#include "config/settings.hpp"
#include "ops/metrics.hpp"
#include "store/session.hpp"

#include <memory>
#include <mutex>

namespace runner::app {

/// Thread-safe.
class Events {
public:
    struct Parts {
        const config::Settings& settings;
        store::SessionPool& sessions; ///< for questions
        base::ThreadPool& pool;
        store::DatabaseOptions database;
    };
    explicit Events(Parts parts) : parts_(std::move(parts)) {}

    /// The schema must be right.
    void start();
    void stop();
    /// Asks the database.
    [[nodiscard]] ops::EventNumbers numbers() const;

private:
    Parts parts_;
    mutable std::mutex mutex_;
    std::unique_ptr<Retention> retention_;
};

} // namespace runner::app
