// SPDX-License-Identifier: GPL-2.0-or-later
// The Backend of the HTTP handlers: the acceptor for jobs, a few threads with sessions for
// database queries, and the state of the parts.
#pragma once

#include "api/backend.hpp"
#include "app/serving/check_service.hpp"
#include "ops/health.hpp"
#include "ops/metrics.hpp"
#include "ops/status_page.hpp"
#include "queue/acceptor.hpp"
#include "store/jobs/pause_table.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace runner::app {

class DaemonBackend final : public api::Backend {
public:
    struct Parts {
        const Wikis& wikis;
        store::SessionPool& sessions;
        base::ThreadPool& pool;
        queue::Acceptor& acceptor;
        CheckService& checks;
        ops::Health& health;
        ops::Metrics& metrics;
    };
    /// `fill` adds to a snapshot what the backend can't see (connections, jobs in flight).
    DaemonBackend(Parts parts, std::function<void(ops::Snapshot&)> fill)
        : parts_(parts), fill_(std::move(fill)) {}

    /// Until then no job is accepted: the schema has to be verified first.
    void open();

    /// Throws base::UnavailableError with that reason.
    void require_open() const;

    [[nodiscard]] bool knows_wiki(std::string_view wiki) const override;
    [[nodiscard]] bool has_extras(std::string_view wiki) const override;
    void submit(std::vector<store::NewJob> jobs, api::Reply<store::Accepted> reply) override;
    void check(api::CheckRequest request, api::Reply<store::ResultRow> reply) override;
    void read(std::function<api::Response(store::Session&)> ask,
              api::Reply<api::Response> reply) override;
    void reset(std::string wiki, entity::EntityId entity, api::Reply<bool> reply) override;
    void retry_dead(api::DeadRetryRequest request, api::Reply<std::uint64_t> reply) override;
    [[nodiscard]] std::vector<std::string> problems() const override;
    [[nodiscard]] std::vector<std::string> warnings() const override {
        return parts_.health.warnings();
    }
    void metrics(api::Reply<std::string> reply) override;
    void status_page(api::Reply<std::string> reply) override;

private:
    /// Runs `ask` with a session on the pool; its value or exception is the reply.
    template <class T, class Ask>
    void with_session(api::Reply<T> reply, Ask ask);
    [[nodiscard]] std::optional<std::vector<store::WikiCounts>> counts() const;
    [[nodiscard]] std::vector<store::Pause> paused() const;
    [[nodiscard]] std::vector<ops::FoundViolation> found_last() const;
    [[nodiscard]] double oldest_snapshot() const;

    Parts parts_;
    std::function<void(ops::Snapshot&)> fill_;
    std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
    mutable std::mutex mutex_;
    std::string closed_ = "the runner is starting";
};

} // namespace runner::app
