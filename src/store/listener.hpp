// SPDX-License-Identifier: GPL-2.0-or-later
// LISTEN: what other runners on the same database committed. Notifications are hints that save
// waiting; one that is lost (no connection) loses nothing that matters.
#pragma once

#include "store/session.hpp"

#include <chrono>
#include <memory>

namespace runner::store {

struct Notifications {
    bool jobs = false;    ///< jobs became ready
    bool results = false; ///< stored results have changed
    bool connected_anew = false; ///< notifications before this one may have been missed
};

/// Its own connection. Not thread-safe but for wake().
class Listener {
public:
    explicit Listener(DatabaseOptions options);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    /// What has come, or comes within `timeout`; connects (again) if need be. Throws
    /// base::UnavailableError when the database is away.
    [[nodiscard]] Notifications wait(std::chrono::milliseconds timeout);

    /// Ends a wait() of another thread early.
    void wake() noexcept;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace runner::store
