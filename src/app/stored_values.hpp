// SPDX-License-Identifier: GPL-2.0-or-later
// Distinct values beside the database: the index that checks ask, and the thread that has the
// others checked again when an entity gains or loses a value that they share.
#pragma once

#include "app/in_hand.hpp"
#include "facts/value_index.hpp"
#include "store/session.hpp"
#include "store/value_store.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace runner::app {

/// Lower than what any edit asks for.
inline constexpr std::int16_t recheck_priority = -10;

/// The index of one wiki in the database.
class StoredValues final : public facts::ValueIndex {
public:
    StoredValues(std::string wiki, store::SessionPool& sessions)
        : wiki_(std::move(wiki)), sessions_(sessions) {}

    [[nodiscard]] std::vector<std::vector<entity::EntityId>>
    others(const entity::EntityId& self, std::span<const results::ValueKey> keys) override;

private:
    const std::string wiki_;
    store::SessionPool& sessions_;
};

/// A thread that follows the changes of values that stored results leave behind. Nothing is lost
/// when it is not there: the changes wait in the database, for this runner or another.
class FollowValues {
public:
    /// While more than `most_waiting` jobs wait in the queue, changes wait too.
    FollowValues(store::DatabaseOptions database, std::vector<store::ValueStore::Wiki> wikis,
                 std::uint64_t most_waiting);
    ~FollowValues();
    FollowValues(const FollowValues&) = delete;
    FollowValues& operator=(const FollowValues&) = delete;

    /// Results were stored. Thread-safe.
    void wake() noexcept { wake_.raise(); }

private:
    void loop();
    [[nodiscard]] bool has_room(store::Session& session);

    const store::DatabaseOptions database_;
    const std::vector<store::ValueStore::Wiki> wikis_;
    const std::uint64_t most_waiting_;
    std::chrono::steady_clock::time_point look_at_queue_{};
    bool has_room_ = true;
    Signal wake_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

} // namespace runner::app
