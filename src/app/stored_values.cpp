// SPDX-License-Identifier: GPL-2.0-or-later
#include "app/stored_values.hpp"

#include "base/error.hpp"
#include "store/job_table.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace runner::app {

namespace {

constexpr std::chrono::milliseconds look_interval{5'000}; // what another runner left behind
constexpr std::chrono::milliseconds gather_changes{20};   // so that one look serves many results
constexpr std::chrono::milliseconds pause_after_error{500};

} // namespace

std::vector<std::vector<entity::EntityId>>
StoredValues::others(const entity::EntityId& self, std::span<const results::ValueKey> keys) {
    const auto session = sessions_.borrow();
    return store::ValueStore(*session).others(wiki_, self, keys, results::max_named_others);
}

FollowValues::FollowValues(store::DatabaseOptions database,
                           std::vector<store::ValueStore::Wiki> wikis, std::uint64_t most_waiting)
    : database_(std::move(database)), wikis_(std::move(wikis)), most_waiting_(most_waiting),
      thread_([this] { loop(); }) {}

FollowValues::~FollowValues() {
    stopping_ = true;
    wake_.raise();
    thread_.join();
}

/// Counting a long queue is not for every look.
bool FollowValues::has_room(store::Session& session) {
    const auto now = std::chrono::steady_clock::now();
    if (now >= look_at_queue_) {
        has_room_ = store::JobTable(session).length(most_waiting_ + 1) <= most_waiting_;
        look_at_queue_ = now + look_interval;
    }
    return has_room_;
}

void FollowValues::loop() {
    store::Session session(database_);
    store::ValueStore values(session);
    bool more = true; // what an earlier runner left
    while (!stopping_) {
        if (!more) {
            if (wake_.wait(look_interval) && !stopping_)
                std::this_thread::sleep_for(gather_changes);
        }
        more = false;
        if (stopping_)
            break;
        try {
            if (!has_room(session))
                continue;
            const auto followed = values.follow_changes(wikis_, recheck_priority);
            more = followed.changes > 0;
            if (followed.jobs > 0)
                spdlog::debug("values changed: {} entities are checked again", followed.jobs);
        } catch (const base::UnavailableError&) {
            wake_.wait(pause_after_error); // the storing threads tell about the database
            more = true;
        } catch (const std::exception& error) {
            spdlog::error("following changed values: {}", error.what());
            wake_.wait(look_interval);
        }
    }
}

} // namespace runner::app
