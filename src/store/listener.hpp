// SPDX-License-Identifier: GPL-2.0-or-later
// LISTEN: what other runners on the same database committed. Notifications are hints that save
// waiting; one that is lost (no connection) loses nothing that matters.
#pragma once

#include "entity/entity_id.hpp"
#include "store/session.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace runner::store {

/// A stored result changed.
struct Changed {
    std::string wiki;
    entity::EntityId entity;
    std::uint64_t revision = 0;
};

struct Notifications {
    bool jobs = false; ///< jobs became ready
    std::vector<Changed> changed;
    bool connected_anew = false; ///< notifications before this one may have been missed
};

/// A connection of its own. Not thread-safe but for wake().
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
