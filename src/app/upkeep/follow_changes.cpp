// SPDX-License-Identifier: GPL-2.0-or-later
#include "app/upkeep/follow_changes.hpp"

#include "base/error.hpp"
#include "store/jobs/job_table.hpp"
#include "store/results/change_store.hpp"
#include "store/results/due_results.hpp"
#include "store/results/value_store.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace runner::app {

namespace {

constexpr std::chrono::milliseconds look_interval{5'000}; // what another runner left behind
constexpr std::chrono::milliseconds gather_changes{20};   // so that one look serves many results
constexpr std::chrono::milliseconds pause_after_error{500};
constexpr std::chrono::milliseconds look_again{10}; // at changes for which it is too early

} // namespace

FollowChanges::FollowChanges(store::DatabaseOptions database,
                             std::vector<store::FollowedWiki> wikis, std::uint64_t most_waiting)
    : database_(std::move(database)), wikis_(std::move(wikis)), most_waiting_(most_waiting),
      thread_([this] { loop(); }) {}

FollowChanges::~FollowChanges() {
    stopping_ = true;
    wake_.raise();
    thread_.join();
}

/// Counting a long queue is not for every look.
const std::vector<store::FollowedWiki>& FollowChanges::with_room(store::Session& session) {
    const auto now = std::chrono::steady_clock::now();
    if (now < look_at_queue_)
        return with_room_;
    look_at_queue_ = now + look_interval;
    store::JobTable table(session);
    if (table.length(most_waiting_ + 1) <= most_waiting_)
        return with_room_ = wikis_;
    const std::uint64_t share = most_waiting_ / std::max<std::size_t>(wikis_.size(), 1);
    with_room_.clear();
    for (const store::FollowedWiki& wiki : wikis_)
        if (table.length_of_wiki(wiki.id, share + 1) <= share)
            with_room_.push_back(wiki);
    return with_room_;
}

void FollowChanges::loop() {
    store::Session session(database_);
    store::ValueStore values(session);
    store::ChangeStore changes(session);
    bool more = true; // what an earlier runner left
    bool waiting = false;
    while (!stopping_) {
        if (waiting)
            std::this_thread::sleep_for(look_again);
        else if (!more && wake_.wait(look_interval) && !stopping_)
            std::this_thread::sleep_for(gather_changes);
        more = waiting = false;
        if (stopping_)
            break;
        try {
            const auto& wikis = with_room(session);
            if (wikis.empty())
                continue;
            const auto sharers = values.follow_changes(wikis, recheck_priority);
            const auto dependents = changes.follow(wikis, recheck_priority);
            const auto due = store::queue_due_results(session, wikis, recheck_priority);
            more = sharers.changes + dependents.changes + due.changes > 0;
            waiting = dependents.waiting;
            if (sharers.jobs + dependents.jobs + due.jobs > 0)
                spdlog::debug("queued again: {} entities because of a shared value, {} because of "
                              "a dependency, {} because of a time that has come",
                              sharers.jobs, dependents.jobs, due.jobs);
        } catch (const base::UnavailableError&) {
            wake_.wait(pause_after_error); // the storing threads report database errors
            more = true;
        } catch (const std::exception& error) {
            spdlog::error("following changes: {}", error.what());
            wake_.wait(look_interval);
        }
    }
}

} // namespace runner::app
