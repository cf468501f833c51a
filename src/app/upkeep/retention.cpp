// SPDX-License-Identifier: GPL-2.0-or-later
#include "app/upkeep/retention.hpp"

#include "base/error.hpp"
#include "store/lists/event_store.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace runner::app {

namespace {

using std::chrono::milliseconds;

constexpr std::uint32_t batch = 1'000;
constexpr milliseconds between_batches{50};
constexpr milliseconds after_error{30'000};
constexpr milliseconds least_interval{500};
constexpr milliseconds events_interval{600'000};
constexpr milliseconds deleted_interval{21'600'000}; // each look passes over all tombstones

/// How often to look for what is kept that long; never when it is kept forever.
milliseconds interval(milliseconds keep, milliseconds most) {
    return keep.count() == 0 ? milliseconds::max() : std::clamp(keep / 10, least_interval, most);
}

} // namespace

Retention::Retention(store::DatabaseOptions database, RetentionOptions options)
    : database_(std::move(database)), options_(options), thread_([this] { loop(); }) {}

Retention::~Retention() {
    stopping_ = true;
    wake_.raise();
    thread_.join();
}

bool Retention::pause() {
    wake_.wait(between_batches);
    return !stopping_;
}

void Retention::remove_events(store::Session& session) {
    store::EventStore events(session);
    for (bool more = true; more && pause();) {
        const auto removed = events.remove_foreign(batch);
        more = removed.more;
        events_removed_ += removed.count;
        if (removed.count > 0)
            spdlog::warn("{} events removed that another database server had numbered: consumers "
                         "of events need a new dump",
                         removed.count);
    }
    if (options_.events.count() == 0)
        return;
    for (bool more = true; more && pause();) {
        const auto removed = events.remove_older(options_.events, batch);
        more = removed.more;
        events_removed_ += removed.count;
    }
}

void Retention::forget_deleted(store::Session& session) {
    store::EventStore events(session);
    store::TombstonesRemoved at;
    do {
        at = events.forget_deleted(options_.deleted, at.wiki, at.entity, batch);
        deleted_forgotten_ += at.count;
    } while (at.more && pause());
}

void Retention::loop() {
    using Clock = std::chrono::steady_clock;
    const milliseconds events =
        std::min(interval(options_.events, events_interval), events_interval);
    const milliseconds deleted = interval(options_.deleted, deleted_interval);
    store::Session session(database_);
    auto next_events = Clock::now();
    auto next_deleted = next_events;
    while (!stopping_) {
        try {
            if (Clock::now() >= next_events) {
                remove_events(session);
                next_events = Clock::now() + events;
            }
            if (options_.deleted.count() > 0 && Clock::now() >= next_deleted) {
                forget_deleted(session);
                next_deleted = Clock::now() + deleted;
            }
            session.disconnect(); // not needed for long
            const auto next =
                options_.deleted.count() > 0 ? std::min(next_events, next_deleted) : next_events;
            if (!stopping_)
                wake_.wait(std::max(std::chrono::ceil<milliseconds>(next - Clock::now()),
                                    milliseconds(1)));
        } catch (const base::UnavailableError&) {
            wake_.wait(after_error); // the storing threads report database errors
        } catch (const std::exception& error) {
            spdlog::error("removing old events: {}", error.what());
            wake_.wait(after_error);
        }
    }
}

} // namespace runner::app
