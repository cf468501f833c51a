// SPDX-License-Identifier: GPL-2.0-or-later
#include "app/serving/backend.hpp"

#include "app/serving/ask_database.hpp"
#include "app/serving/latest_violations.hpp"
#include "base/error.hpp"
#include "store/common/server_state.hpp"
#include "store/jobs/job_table.hpp"
#include "store/results/result_store.hpp"

#include <utility>

namespace runner::app {

namespace {

constexpr std::int16_t reset_priority = 10; // as an urgent edit
constexpr std::size_t found_on_page = 10;

} // namespace

namespace {

constexpr std::chrono::seconds problem_lifetime{5};
// the acceptor compresses documents on the calling thread: more than this would hold up the network
constexpr std::size_t compressed_at_once = std::size_t{128} << 10U;

} // namespace

void DaemonBackend::open() {
    const std::lock_guard lock(mutex_);
    closed_.clear();
}

void DaemonBackend::require_open() const {
    const std::lock_guard lock(mutex_);
    if (!closed_.empty())
        throw base::UnavailableError(closed_);
}

template <class T, class Ask>
void DaemonBackend::with_session(api::Reply<T> reply, Ask ask) {
    require_open();
    ask_database<T>(parts_.pool, parts_.sessions, std::move(reply), std::move(ask));
}

bool DaemonBackend::knows_wiki(std::string_view wiki) const {
    return parts_.wikis.find(wiki) != parts_.wikis.end();
}

bool DaemonBackend::has_extras(std::string_view wiki) const {
    const auto found = parts_.wikis.find(wiki);
    return found != parts_.wikis.end() && found->second->has_extras();
}

void DaemonBackend::submit(std::vector<store::NewJob> jobs, api::Reply<store::Accepted> reply) {
    require_open();
    auto told = [this, reply = std::move(reply)](store::Accepted accepted,
                                                 const std::exception_ptr& error) {
        if (error) {
            const api::ApiError said = api::error_from(error);
            if (said.code == "unavailable")
                parts_.health.problem("accepting", said.message, problem_lifetime);
        } else {
            parts_.health.good("accepting");
            parts_.metrics.jobs_accepted(accepted.accepted, accepted.coalesced);
        }
        reply(accepted, error);
    };
    std::size_t bytes = 0;
    for (const store::NewJob& job : jobs)
        bytes += job.document ? job.document->size() : 0;
    if (bytes <= compressed_at_once) {
        parts_.acceptor.submit(std::move(jobs), std::move(told));
        return;
    }
    parts_.pool.post([this, jobs = std::move(jobs), told = std::move(told)]() mutable {
        parts_.acceptor.submit(std::move(jobs), std::move(told));
    });
}

void DaemonBackend::check(api::CheckRequest request, api::Reply<store::ResultRow> reply) {
    require_open();
    parts_.checks.check(std::move(request), std::move(reply));
}

void DaemonBackend::read(std::function<api::Response(store::Session&)> ask,
                         api::Reply<api::Response> reply) {
    with_session<api::Response>(std::move(reply), std::move(ask));
}

void DaemonBackend::reset(std::string wiki, entity::EntityId entity, api::Reply<bool> reply) {
    with_session<bool>(std::move(reply),
                       [key = store::EntityKey{std::move(wiki), entity}](store::Session& session) {
                           return store::ResultStore(session).reset(key, reset_priority);
                       });
}

void DaemonBackend::retry_dead(api::DeadRetryRequest request, api::Reply<std::uint64_t> reply) {
    with_session<std::uint64_t>(
        std::move(reply), [request = std::move(request)](store::Session& session) {
            store::JobTable table(session);
            if (!request.entity)
                return table.retry_all_dead(request.wiki);
            const std::vector<store::EntityKey> keys{{request.wiki, *request.entity}};
            return table.retry_dead(keys);
        });
}

std::vector<std::string> DaemonBackend::problems() const {
    std::vector<std::string> texts = parts_.health.problems();
    const std::lock_guard lock(mutex_);
    if (!closed_.empty())
        texts.push_back(closed_);
    return texts;
}

std::optional<std::vector<store::WikiCounts>> DaemonBackend::counts() const {
    try {
        require_open();
        const auto session = parts_.sessions.borrow(std::chrono::milliseconds(500));
        return store::JobTable(*session).counts_by_wiki();
    } catch (const std::exception&) {
        return std::nullopt; // the page and the metrics say so
    }
}

std::vector<store::Pause> DaemonBackend::paused() const {
    try {
        require_open();
        const auto session = parts_.sessions.borrow(std::chrono::milliseconds(500));
        return store::PauseTable(*session).list();
    } catch (const std::exception&) {
        return {}; // as above
    }
}

double DaemonBackend::oldest_snapshot() const {
    try {
        const auto session = parts_.sessions.borrow(std::chrono::milliseconds(500));
        return store::oldest_snapshot_seconds(*session);
    } catch (const std::exception&) {
        return 0;
    }
}

std::vector<ops::FoundViolation> DaemonBackend::found_last() const {
    try {
        require_open();
        const auto session = parts_.sessions.borrow(std::chrono::milliseconds(500));
        return latest_violations(*session, found_on_page);
    } catch (const std::exception&) {
        return {}; // the page says that the database does not answer
    }
}

void DaemonBackend::metrics(api::Reply<std::string> reply) {
    parts_.pool.post([this, reply = std::move(reply)] {
        ops::Snapshot snapshot;
        if (auto queue = counts()) {
            snapshot.queue = std::move(*queue);
            snapshot.queue_known = true;
            snapshot.oldest_snapshot_seconds = oldest_snapshot();
            const auto pauses = paused();
            for (const auto& [wiki, parts] : parts_.wikis)
                snapshot.paused.emplace_back(wiki, store::is_paused(pauses, wiki));
        }
        snapshot.ready = problems().empty();
        fill_(snapshot);
        reply(parts_.metrics.text(snapshot), nullptr);
    });
}

void DaemonBackend::status_page(api::Reply<std::string> reply) {
    parts_.pool.post([this, reply = std::move(reply)] {
        ops::Snapshot snapshot;
        fill_(snapshot);
        ops::StatusView view;
        view.problems = problems();
        view.queue = counts();
        view.pauses = paused();
        view.found = found_last();
        view.uptime = std::chrono::duration_cast<std::chrono::seconds>(
            std::chrono::steady_clock::now() - started_);
        view.entities_stored = parts_.metrics.entities_stored();
        view.in_hand = snapshot.in_hand;
        view.connections = snapshot.connections;
        view.resident_bytes = ops::resident_bytes();
        reply(ops::status_page(view), nullptr);
    });
}

} // namespace runner::app
