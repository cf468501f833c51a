// SPDX-License-Identifier: GPL-2.0-or-later
#include "app/serving/events.hpp"

#include "app/serving/ask_database.hpp"
#include "base/error.hpp"
#include "store/lists/event_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace runner::app {

namespace {

constexpr unsigned retry_after = 5; // seconds
constexpr std::uint32_t read_at_once = 200;
// a page with a narrow filter is given before it is full when it has cost as much
constexpr std::size_t most_read = 5'000;
constexpr std::size_t most_bytes = std::size_t{8} << 20U;

/// What a connection takes from.
class EventBody final : public api::BodyStream {
public:
    explicit EventBody(std::shared_ptr<publish::EventListener> listener)
        : listener_(std::move(listener)) {}

    void on_more(std::function<void()> more) override { listener_->on_more(std::move(more)); }
    std::optional<std::string> take() override { return listener_->take(); }
    void too_slow() override { listener_->cut_off(); }

private:
    const std::shared_ptr<publish::EventListener> listener_;
};

/// Where to begin. Throws ApiError 410 when events after that place are gone.
store::EventPlace start_of(const api::EventsRequest& request, const store::EventState& state,
                           store::EventPlace otherwise) {
    if (request.oldest)
        return state.horizon;
    if (!request.after)
        return std::max(request.now ? state.end : otherwise, state.horizon);
    if (request.after->transaction > state.next_transaction)
        throw api::ApiError{
            410, "gone",
            fmt::format("the place {} lies ahead of this database, so it comes from "
                        "another one: take a dump, and follow from its manifest",
                        request.after->to_string()),
            "after"};
    if (*request.after < state.horizon)
        throw api::ApiError{410, "gone",
                            fmt::format("events after {} are not kept any more (those up to {} "
                                        "are gone): take a dump, and follow from its manifest",
                                        request.after->to_string(), state.horizon_at),
                            "after"};
    return *request.after;
}

api::EventPage read_page(store::Session& session, const api::EventsRequest& request) {
    store::EventStore store(session);
    const store::EventState state = store.state();
    api::EventPage page;
    page.next = start_of(request, state, state.horizon);
    std::size_t bytes = 0;
    for (std::size_t read = 0; read < most_read && bytes < most_bytes;) {
        const auto found = store.read(page.next, state.end, request.filter.wiki, read_at_once,
                                      request.filter.kind);
        read += found.events.size();
        for (const store::Event& event : found.events) {
            if (page.events.size() == request.limit) {
                page.more = true;
                return page;
            }
            page.next = event.place;
            if (auto json = publish::event_json(event, request.filter)) {
                bytes += json->size();
                page.events.push_back(std::move(*json));
            }
        }
        if (found.all) {
            page.next = std::max(page.next, state.end);
            return page;
        }
    }
    page.more = true;
    return page;
}

} // namespace

Events::~Events() { stop(); }

void Events::start() {
    const std::lock_guard lock(mutex_);
    const config::EventSettings& settings = parts_.settings.events;
    if (!retention_) // a start that failed half-way is tried again
        retention_ = std::make_unique<Retention>(
            parts_.database, RetentionOptions{settings.keep, settings.keep_deleted});
    if (!hub_) {
        publish::EventHubOptions options;
        options.database = parts_.database;
        options.max_listeners = settings.max_listeners;
        options.heartbeat = settings.heartbeat;
        hub_ = std::make_shared<publish::EventHub>(std::move(options));
    }
}

void Events::drain() {
    if (const auto hub = this->hub())
        hub->end();
}

void Events::stop() {
    std::unique_ptr<Retention> retention;
    std::shared_ptr<publish::EventHub> hub;
    {
        const std::lock_guard lock(mutex_);
        retention = std::move(retention_);
        hub = std::move(hub_);
    }
}

void Events::wake() {
    if (const auto hub = this->hub())
        hub->wake();
}

std::shared_ptr<publish::EventHub> Events::hub() const {
    const std::lock_guard lock(mutex_);
    return hub_;
}

void Events::report(ops::Snapshot& snapshot) const {
    ops::EventNumbers& numbers = snapshot.events;
    {
        const std::lock_guard lock(mutex_);
        if (!retention_ || !hub_)
            return;
        numbers.removed = retention_->events_removed();
        numbers.forgotten = retention_->deleted_forgotten();
        const publish::EventHubCounts counts = hub_->counts();
        numbers.listeners = counts.listeners;
        numbers.sent = counts.sent;
        numbers.cut_off = counts.cut_off;
        numbers.refused = counts.refused;
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
}

bool Events::knows_wiki(std::string_view wiki) const {
    return parts_.settings.find_wiki(wiki) != nullptr;
}

void Events::follow(api::EventsRequest request,
                    api::Reply<std::shared_ptr<api::BodyStream>> reply) {
    if (!hub())
        throw base::UnavailableError("the runner is starting");
    ask_database<std::shared_ptr<api::BodyStream>>(
        parts_.pool, parts_.sessions, std::move(reply),
        [this, request = std::move(request)](
            store::Session& session) -> std::shared_ptr<api::BodyStream> {
            const store::EventState state = store::EventStore(session).state();
            const store::EventPlace after = start_of(request, state, state.end);
            const auto hub = this->hub();
            if (!hub)
                throw base::UnavailableError("the runner is stopping");
            auto listener = hub->listen(after, request.filter);
            if (!listener)
                throw api::ApiError{503,
                                    "too_many_listeners",
                                    fmt::format("{} listen to the events already, and more are not "
                                                "allowed (events.max_listeners)",
                                                parts_.settings.events.max_listeners),
                                    {},
                                    retry_after};
            return std::make_shared<EventBody>(std::move(listener));
        });
}

void Events::page(api::EventsRequest request, api::Reply<api::EventPage> reply) {
    if (!hub())
        throw base::UnavailableError("the runner is starting");
    ask_database<api::EventPage>(parts_.pool, parts_.sessions, std::move(reply),
                                 [request = std::move(request)](store::Session& session) {
                                     return read_page(session, request);
                                 });
}

} // namespace runner::app
