// SPDX-License-Identifier: GPL-2.0-or-later
// See event_hub.hpp. Listeners that are live have all events up to one common place; who connects
// with an older place, or has left its buffer full, is behind, and reads its own pages up to that
// common place until it is live again.
#include "publish/event_hub.hpp"

#include "base/error.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <thread>
#include <utility>
#include <vector>

namespace runner::publish {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::uint32_t page = 200;
constexpr milliseconds gather{20};          // so that one look serves many commits
constexpr milliseconds least_held_back{20}; // how soon to look whether a transaction has ended
constexpr milliseconds pause_after_error{500};
constexpr const char* how_soon = "retry: 2000\n"; // a client comes back after as many ms

std::string place_text(const store::EventPlace& place) {
    return "id: " + place.to_string() + "\n\n";
}

} // namespace

struct EventListener::Core {
    std::mutex mutex; // of what follows
    std::condition_variable changed;
    bool raised = false;
    bool stopping = false;
    std::vector<std::weak_ptr<EventListener>> listeners;

    std::atomic<std::size_t> count{0};
    std::atomic<std::uint64_t> sent{0};
    std::atomic<std::uint64_t> cut_off{0};
    std::atomic<std::uint64_t> refused{0};
    std::size_t buffer = 0;

    void raise() noexcept {
        {
            const std::lock_guard lock(mutex);
            raised = true;
        }
        changed.notify_all();
    }
};

EventListener::EventListener(std::shared_ptr<Core> core, store::EventPlace after,
                             EventFilter filter)
    : core_(std::move(core)), filter_(std::move(filter)), text_(how_soon + place_text(after)),
      place_(after) {
    ++core_->count;
}

EventListener::~EventListener() { --core_->count; }

void EventListener::on_more(std::function<void()> more) {
    const std::lock_guard lock(mutex_);
    more_ = std::move(more);
}

std::optional<std::string> EventListener::take() {
    bool was_full = false;
    std::string taken;
    {
        const std::lock_guard lock(mutex_);
        if (text_.empty() && ended_)
            return std::nullopt;
        taken.swap(text_);
        was_full = std::exchange(full_, false);
    }
    if (was_full)
        core_->raise();
    return taken;
}

void EventListener::cut_off() noexcept { ++core_->cut_off; }

/// False when there is no room.
bool EventListener::push(const std::string& text) {
    std::function<void()> more;
    {
        const std::lock_guard lock(mutex_);
        if (ended_)
            return true;
        if (!text_.empty() && text_.size() + text.size() > core_->buffer) {
            full_ = true;
            return false;
        }
        text_ += text;
        more = more_;
    }
    if (more)
        more();
    return true;
}

/// `whole` is the text for those who want all of it, made once.
bool EventListener::push(const store::Event& event, std::optional<std::string>& whole) {
    if (filter_.kind != event.kind() || (!filter_.wiki.empty() && filter_.wiki != event.wiki))
        return true;
    bool room = false;
    if (filter_.looks_into_pairs()) {
        const auto json = event_json(event, filter_);
        if (!json)
            return true;
        room = push(stream_text(event.place, *json));
    } else {
        if (!whole)
            whole = stream_text(event.place, *event_json(event, {{}, 0, {}, event.kind()}),
                                event.kind());
        room = push(*whole);
    }
    if (room) {
        ++core_->sent;
        last_ = Clock::now();
    }
    return room;
}

void EventListener::end(const char* reason, const char* message) {
    std::function<void()> more;
    {
        const std::lock_guard lock(mutex_);
        if (std::exchange(ended_, true))
            return;
        text_ += std::string("event: end\ndata: {\"reason\":\"") + reason + "\",\"message\":\"" +
                 message + "\"}\n\n";
        more = more_;
    }
    if (more)
        more();
}

bool EventListener::has_room() {
    const std::lock_guard lock(mutex_);
    full_ = text_.size() > core_->buffer / 2;
    return !full_;
}

struct EventHub::Impl {
    using Listeners = std::vector<std::shared_ptr<EventListener>>;

    explicit Impl(EventHubOptions o)
        : options(std::move(o)), core(std::make_shared<EventListener::Core>()) {
        core->buffer = options.buffer;
        thread = std::thread([this] { run(); });
    }

    void run();
    /// Hands on what there is; returns how long to wait for more.
    milliseconds hand_on(store::EventStore& store, const Listeners& listeners);
    bool hand_on_live(store::EventStore& store, const Listeners& listeners,
                      const store::EventState& state);
    bool hand_on_behind(store::EventStore& store, EventListener& listener,
                        const store::EventState& state);
    /// Where a listener stands is told now and then: who is away for long while nothing of
    /// interest happens must not find that its place is too old.
    milliseconds beat(const Listeners& listeners, bool database);
    Listeners current();
    /// False when it is time to stop.
    bool wait(milliseconds time);

    const EventHubOptions options;
    const std::shared_ptr<EventListener::Core> core;
    store::EventPlace live; ///< all who are live have everything up to here
    milliseconds held_back = least_held_back;
    std::thread thread;
};

EventHub::Impl::Listeners EventHub::Impl::current() {
    Listeners listeners;
    const std::lock_guard lock(core->mutex);
    std::erase_if(core->listeners, [&](const std::weak_ptr<EventListener>& known) {
        if (auto listener = known.lock()) {
            listeners.push_back(std::move(listener));
            return false;
        }
        return true;
    });
    return listeners;
}

bool EventHub::Impl::wait(milliseconds time) {
    std::unique_lock lock(core->mutex);
    const bool raised =
        core->changed.wait_for(lock, time, [this] { return core->raised || core->stopping; });
    if (raised && time.count() > 0 && !core->stopping)
        core->changed.wait_for(lock, gather, [this] { return core->stopping; });
    core->raised = false;
    return !core->stopping;
}

void EventHub::Impl::run() {
    store::Session session(options.database);
    store::EventStore store(session);
    bool told = false;
    milliseconds pause = options.poll;
    do {
        const Listeners listeners = current();
        if (listeners.empty()) {
            session.disconnect();
            pause = std::chrono::hours(1); // somebody who comes wakes us
            continue;
        }
        bool database = false;
        try {
            pause = hand_on(store, listeners);
            database = true;
            told = false;
        } catch (const std::exception& error) {
            if (!std::exchange(told, true))
                spdlog::warn("events wait: {}", error.what());
            pause = pause_after_error;
        }
        pause = std::min(pause, beat(listeners, database));
    } while (wait(pause));
}

milliseconds EventHub::Impl::hand_on(store::EventStore& store, const Listeners& listeners) {
    const store::EventState state = store.state();
    bool more = hand_on_live(store, listeners, state);
    for (const auto& listener : listeners)
        if (!listener->live_ && listener->has_room())
            more = hand_on_behind(store, *listener, state) || more;
    if (more)
        return milliseconds(0);
    if (state.held_back_seconds <= 0) {
        held_back = least_held_back;
        return options.poll;
    }
    // nobody tells when a transaction of somebody else ends
    return std::exchange(held_back, std::min(held_back * 2, options.poll));
}

/// True when there is more to read.
bool EventHub::Impl::hand_on_live(store::EventStore& store, const Listeners& listeners,
                                  const store::EventState& state) {
    const bool any = std::any_of(listeners.begin(), listeners.end(),
                                 [](const auto& listener) { return listener->live_; });
    if (!any) {
        live = state.end;
        return false;
    }
    const auto read = store.read(live, state.end, "", page);
    for (const store::Event& event : read.events) {
        std::optional<std::string> whole;
        for (const auto& listener : listeners) {
            if (!listener->live_)
                continue;
            if (listener->push(event, whole))
                listener->place_ = event.place;
            else
                listener->live_ = false;
        }
    }
    live = read.all ? std::max(live, state.end) : read.events.back().place;
    for (const auto& listener : listeners)
        if (listener->live_)
            listener->place_ = live;
    return !read.all;
}

/// True when there is more for it to read, and room.
bool EventHub::Impl::hand_on_behind(store::EventStore& store, EventListener& listener,
                                    const store::EventState& state) {
    if (listener.place_ < state.horizon) {
        ++core->cut_off;
        listener.end("gone", "the events after your place are not kept any more: take a dump");
        listener.live_ = true; // nothing comes any more
        return false;
    }
    if (listener.place_ > live)
        return false; // soon
    const auto read =
        store.read(listener.place_, live, listener.filter_.wiki, page, listener.filter_.kind);
    for (const store::Event& event : read.events) {
        std::optional<std::string> whole;
        if (!listener.push(event, whole))
            return false;
        listener.place_ = event.place;
    }
    if (!read.all)
        return true;
    listener.place_ = live;
    listener.live_ = true;
    return false;
}

milliseconds EventHub::Impl::beat(const Listeners& listeners, bool database) {
    const auto now = Clock::now();
    milliseconds next = options.heartbeat;
    for (const auto& listener : listeners) {
        const auto quiet = std::chrono::duration_cast<milliseconds>(now - listener->last_);
        if (quiet < options.heartbeat) {
            next = std::min(next, options.heartbeat - quiet);
            continue;
        }
        listener->push((database ? ": nothing new\n" : ": the database is away; this goes on\n") +
                       place_text(listener->place_));
        listener->last_ = now;
    }
    return next;
}

EventHub::EventHub(EventHubOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}

EventHub::~EventHub() {
    end();
    impl_->thread.join();
}

std::shared_ptr<EventListener> EventHub::listen(store::EventPlace after, EventFilter filter) {
    EventListener::Core& core = *impl_->core;
    std::shared_ptr<EventListener> listener;
    {
        const std::lock_guard lock(core.mutex);
        if (core.stopping)
            throw base::UnavailableError("the runner is stopping");
        if (core.count >= impl_->options.max_listeners) {
            ++core.refused;
            return nullptr;
        }
        listener.reset(new EventListener(impl_->core, after, std::move(filter)));
        core.listeners.push_back(listener);
    }
    wake();
    return listener;
}

void EventHub::wake() noexcept { impl_->core->raise(); }

void EventHub::end() {
    {
        const std::lock_guard lock(impl_->core->mutex);
        impl_->core->stopping = true;
    }
    impl_->core->changed.notify_all();
    for (const auto& listener : impl_->current())
        listener->end("stopping", "the runner stops; come back with the last id");
}

EventHubCounts EventHub::counts() const {
    const EventListener::Core& core = *impl_->core;
    return {core.count, core.sent, core.cut_off, core.refused};
}

} // namespace runner::publish
