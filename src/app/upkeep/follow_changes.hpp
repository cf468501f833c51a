// SPDX-License-Identifier: GPL-2.0-or-later
// The thread that queues entities again when an entity changes that they depend on or share a value
// with, and when a time arrives that their results depend on.
#pragma once

#include "base/signal.hpp"
#include "store/common/session.hpp"
#include "store/results/followed.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

namespace runner::app {

/// Lower than the priority of any edit.
inline constexpr std::int16_t recheck_priority = -10;

/// A thread that follows the changes recorded with stored results. Nothing is lost without it: the
/// changes wait in the database, for this runner or another.
class FollowChanges {
public:
    /// While more than `most_waiting` jobs wait in the queue, changes of the wikis that have more
    /// than their share of these wait too.
    FollowChanges(store::DatabaseOptions database, std::vector<store::FollowedWiki> wikis,
                  std::uint64_t most_waiting);
    ~FollowChanges();
    FollowChanges(const FollowChanges&) = delete;
    FollowChanges& operator=(const FollowChanges&) = delete;

    /// Results were stored. Thread-safe.
    void wake() noexcept { wake_.raise(); }

private:
    void loop();
    /// The wikis for whose jobs there is room.
    [[nodiscard]] const std::vector<store::FollowedWiki>& with_room(store::Session& session);

    const store::DatabaseOptions database_;
    const std::vector<store::FollowedWiki> wikis_;
    const std::uint64_t most_waiting_;
    std::chrono::steady_clock::time_point look_at_queue_{};
    std::vector<store::FollowedWiki> with_room_;
    base::Signal wake_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

} // namespace runner::app
