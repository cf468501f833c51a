// SPDX-License-Identifier: GPL-2.0-or-later
#include "app/events.hpp"

#include "store/event_store.hpp"

#include <utility>

namespace runner::app {

void Events::start() {
    const std::lock_guard lock(mutex_);
    const config::EventSettings& settings = parts_.settings.events;
    if (!retention_) // a start that failed half-way is tried again
        retention_ = std::make_unique<Retention>(
            parts_.database, RetentionOptions{settings.keep, settings.keep_deleted});
}

void Events::stop() {
    std::unique_ptr<Retention> retention;
    {
        const std::lock_guard lock(mutex_);
        retention = std::move(retention_);
    }
}

ops::EventNumbers Events::numbers() const {
    ops::EventNumbers numbers;
    {
        const std::lock_guard lock(mutex_);
        if (!retention_)
            return numbers;
        numbers.removed = retention_->events_removed();
        numbers.forgotten = retention_->deleted_forgotten();
    }
    try {
        const auto session = parts_.sessions.borrow(std::chrono::milliseconds(500));
        const store::EventState state = store::EventStore(*session).state();
        numbers.oldest_seconds = state.oldest_seconds;
        numbers.held_back_seconds = state.held_back_seconds;
        numbers.known = true;
    } catch (const std::exception&) {
        // the rest of the metrics says that the database is away
    }
    return numbers;
}

} // namespace runner::app
