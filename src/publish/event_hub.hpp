// SPDX-License-Identifier: GPL-2.0-or-later
// Hands events to all who listen: one thread reads them from the database, once for everybody who
// is up to date, and page by page for who is behind. Nobody's slowness costs more memory than a
// listener's buffer, and none of it holds up the others.
#pragma once

#include "publish/event_text.hpp"
#include "store/lists/event_store.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace runner::publish {

struct EventHubOptions {
    store::DatabaseOptions database;
    std::size_t max_listeners = 100;
    std::size_t buffer = std::size_t{256} << 10U; ///< bytes that a listener may leave untaken
    std::chrono::milliseconds heartbeat{15'000};  ///< a sign of life, when nothing happens
    std::chrono::milliseconds poll{2'000};        ///< in case that a notification was lost
};

struct EventHubCounts {
    std::size_t listeners = 0;
    std::uint64_t sent = 0;    ///< events, once for each listener
    std::uint64_t cut_off = 0; ///< listeners that took nothing for too long, or came too late
    std::uint64_t refused = 0; ///< there were too many
};

/// Somebody who listens. Its text is a stream of server-sent events; the end of it is an event
/// "end" that says why. Thread-safe.
class EventListener {
public:
    ~EventListener();
    EventListener(const EventListener&) = delete;
    EventListener& operator=(const EventListener&) = delete;

    /// `more` is called from any thread when take() has something new.
    void on_more(std::function<void()> more);
    /// What has come; empty: nothing yet; no value: that was all.
    [[nodiscard]] std::optional<std::string> take();
    /// Whoever takes is too slow and is given up.
    void cut_off() noexcept;

private:
    friend class EventHub;
    struct Core; // what the listeners share with the hub, which may end before them
    EventListener(std::shared_ptr<Core> core, store::EventPlace after, EventFilter filter);

    bool push(const std::string& text);
    bool push(const store::Event& event, std::optional<std::string>& whole);
    void end(const char* reason, const char* message);
    [[nodiscard]] bool has_room();

    const std::shared_ptr<Core> core_;
    const EventFilter filter_;

    std::mutex mutex_; // of what follows
    std::function<void()> more_;
    std::string text_;
    bool full_ = false; ///< the reader waits for room
    bool ended_ = false;

    // of the reading thread alone
    store::EventPlace place_; ///< all up to here is in the text
    bool live_ = false;       ///< reads what all read
    std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

class EventHub {
public:
    explicit EventHub(EventHubOptions options);
    /// As end(); waits for the thread.
    ~EventHub();
    EventHub(const EventHub&) = delete;
    EventHub& operator=(const EventHub&) = delete;

    /// From after that place on, which must not be before the horizon. Null when there are too
    /// many already.
    [[nodiscard]] std::shared_ptr<EventListener> listen(store::EventPlace after,
                                                        EventFilter filter);
    /// Events may have been committed. Thread-safe, never blocks.
    void wake() noexcept;
    /// Tells all who listen that the runner stops; nobody can listen any more.
    void end();
    [[nodiscard]] EventHubCounts counts() const;

private:
    struct Impl;
    const std::unique_ptr<Impl> impl_;
};

} // namespace runner::publish
