// SPDX-License-Identifier: GPL-2.0-or-later
// LISTEN for commits of other runners on the same database. Notifications are hints that save
// waiting; losing one (no connection) does no harm.
#pragma once

#include "store/common/session.hpp"

#include <chrono>
#include <memory>

namespace runner::store {

struct Notifications {
    bool jobs = false;           ///< jobs became ready
    bool results = false;        ///< stored results have changed
    bool connected_anew = false; ///< notifications before this one may have been missed
};

/// Its own connection. Not thread-safe but for wake().
class Listener {
public:
    explicit Listener(DatabaseOptions options);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    /// The notifications received, or arriving within `timeout`; (re)connects if
    /// necessary. Throws base::UnavailableError when the database is unavailable.
    [[nodiscard]] Notifications wait(std::chrono::milliseconds timeout);

    /// Ends a wait() of another thread early.
    void wake() noexcept;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace runner::store
