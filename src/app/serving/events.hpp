// SPDX-License-Identifier: GPL-2.0-or-later
// Events in the daemon: the hub of those who listen, pages for those who poll, and how long events
// are kept.
#pragma once

#include "api/event_handlers.hpp"
#include "app/upkeep/retention.hpp"
#include "base/thread_pool.hpp"
#include "config/settings.hpp"
#include "ops/metrics.hpp"
#include "publish/event_hub.hpp"
#include "store/common/session.hpp"

#include <memory>
#include <mutex>

namespace runner::app {

/// Thread-safe.
class Events final : public api::EventsBackend {
public:
    struct Parts {
        const config::Settings& settings;
        store::SessionPool& sessions; ///< for questions
        base::ThreadPool& pool;
        store::DatabaseOptions database;
    };
    explicit Events(Parts parts) : parts_(std::move(parts)) {}
    ~Events() override;
    Events(const Events&) = delete;
    Events& operator=(const Events&) = delete;

    /// The schema must be right.
    void start();
    /// Tells all who listen that this is the end.
    void drain();
    void stop();
    /// Events may have been committed.
    void wake();
    /// Asks the database, too.
    void report(ops::Snapshot& snapshot) const;

    [[nodiscard]] bool knows_wiki(std::string_view wiki) const override;
    void follow(api::EventsRequest request,
                api::Reply<std::shared_ptr<api::BodyStream>> reply) override;
    void page(api::EventsRequest request, api::Reply<api::EventPage> reply) override;

private:
    /// Null before start() and after stop().
    [[nodiscard]] std::shared_ptr<publish::EventHub> hub() const;

    Parts parts_;
    mutable std::mutex mutex_;
    std::unique_ptr<Retention> retention_;
    std::shared_ptr<publish::EventHub> hub_;
};

} // namespace runner::app
