// SPDX-License-Identifier: GPL-2.0-or-later
// Leases with their documents, and ends of jobs: see queue.hpp.
#include "queue/queue.hpp"

#include "store/jobs/locked_rows.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace runner::queue {

namespace {

// a batch of them at a time keeps the transaction short
constexpr std::uint32_t promote_at_once = 1'000;
constexpr std::uint32_t deaths_before_alone = store::Lease::suspect_deaths + 1;

} // namespace

Queue::Queue(store::Session& session, DocumentCache& documents, QueueOptions options)
    : session_(session), table_(session), results_(session), documents_(documents),
      options_(std::move(options)) {}

bool Queue::promote_due() { return table_.promote_due(promote_at_once) < promote_at_once; }

std::vector<store::Lease> Queue::lease(std::span<const store::WikiShare> shares) {
    auto leases = table_.lease(options_.worker, shares, options_.lease);
    attach_documents(leases);
    return leases;
}

std::vector<store::Lease> Queue::lease_suspects(std::span<const std::string> wikis) {
    auto leases = table_.lease_suspects(options_.worker, wikis, options_.lease);
    bury_deadly(leases);
    attach_documents(leases);
    return leases;
}

/// Processes also die of other things, again and again: a job that was in flight then must not be
/// abandoned for it. So it takes two deaths or more in a row in each of which it was the only
/// suspect: after those that made it suspect and one more, in which others were.
void Queue::bury_deadly(std::vector<store::Lease>& leases) {
    const std::uint32_t alone = std::max(2U, (options_.retry.max_attempts + 1) / 2);
    std::erase_if(leases, [&](const store::Lease& lease) {
        if (lease.deaths < deaths_before_alone + alone)
            return false;
        const std::string reason = fmt::format(
            "the process ended while checking it, {} times, the last {} without another job that "
            "could be the reason",
            lease.deaths, lease.deaths - deaths_before_alone);
        bury(lease, reason);
        spdlog::warn("{} of {} goes to the dead list: {}", lease.key.entity.to_string(),
                     lease.key.wiki, reason);
        return true;
    });
}

void Queue::attach_documents(std::vector<store::Lease>& leases) {
    for (store::Lease& lease : leases)
        if (lease.has_document)
            lease.document = documents_.get(lease.key, lease.document_revision);
    table_.load_documents(leases);
}

std::vector<bool> Queue::heartbeat(std::span<const store::Lease> leases) {
    return table_.heartbeat(leases, options_.lease);
}

std::vector<store::Outcome> Queue::complete(std::span<store::Completed> batch) {
    for (store::Completed& completed : batch)
        completed.retry = options_.retry.after(completed.lease.attempts);
    std::vector<store::Outcome> outcomes;
    const auto apart = [&](const std::string& unknown) {
        outcomes.resize(batch.size());
        std::vector<store::Completed*> all;
        std::vector<store::Outcome*> theirs;
        for (std::size_t i = 0; i < batch.size(); ++i) {
            all.push_back(&batch[i]);
            theirs.push_back(&outcomes[i]);
        }
        store_apart(all, theirs, unknown);
    };
    try {
        outcomes = results_.store(batch);
    } catch (const store::LockedError&) {
        apart({});
    } catch (const store::UnknownError& error) {
        apart(error.what());
    }
    for (std::size_t i = 0; i < batch.size(); ++i)
        if (outcomes[i].job == store::JobState::ended)
            documents_.forget(batch[i].lease.key, batch[i].lease.document_revision);
    return outcomes;
}

/// `batch` met a lock, or an error that is `unknown`. Those whose rows are locked are put aside;
/// when that is not to be seen (a lock on a table, or on rows of another kind) the batch is halved
/// until what meets it is alone.
void Queue::store_apart(std::span<store::Completed*> batch, std::span<store::Outcome*> outcomes,
                        const std::string& unknown) {
    std::vector<store::EntityKey> keys;
    for (const store::Completed* completed : batch)
        keys.push_back(completed->lease.key);
    // throws when a whole table is locked: then nothing can be stored, as if the database were away
    const auto locked = store::locked_entities(session_, keys);
    if (batch.size() == 1) {
        *outcomes[0] = put_aside(batch[0]->lease, unknown);
        return;
    }
    std::vector<std::vector<std::size_t>> parts;
    if (locked.empty()) {
        parts.resize(2);
        for (std::size_t i = 0; i < batch.size(); ++i)
            parts[i * 2 / batch.size()].push_back(i);
    } else {
        parts.resize(1);
        for (std::size_t i = 0; i < batch.size(); ++i)
            if (std::binary_search(locked.begin(), locked.end(), i))
                *outcomes[i] = put_aside(batch[i]->lease, {});
            else
                parts[0].push_back(i);
    }
    for (const auto& part : parts) {
        std::vector<store::Completed> some;
        for (const std::size_t i : part)
            some.push_back(std::move(*batch[i]));
        std::vector<store::Outcome> ends;
        bool again = false;
        std::string why;
        const auto give_back = [&] {
            for (std::size_t n = 0; n < part.size(); ++n)
                *batch[part[n]] = std::move(some[n]);
        };
        try {
            ends = results_.store(some);
        } catch (const store::LockedError&) {
            again = true;
        } catch (const store::UnknownError& error) {
            again = true;
            why = error.what();
        } catch (...) {
            give_back();
            throw;
        }
        give_back();
        std::vector<store::Completed*> left;
        std::vector<store::Outcome*> theirs;
        for (std::size_t n = 0; n < part.size(); ++n) {
            if (!again)
                *outcomes[part[n]] = std::move(ends[n]);
            left.push_back(batch[part[n]]);
            theirs.push_back(outcomes[part[n]]);
        }
        if (again)
            store_apart(left, theirs, why);
    }
}

store::Outcome Queue::put_aside(const store::Lease& lease, const std::string& unknown) {
    store::Outcome outcome;
    outcome.result = store::StoreState::rejected;
    outcome.unexplained = !unknown.empty();
    outcome.reason =
        outcome.unexplained
            ? unknown
            : "another session has locked rows of it for too long; it is checked again later";
    try {
        outcome.job = defer(lease, outcome.reason);
    } catch (const store::LockedError&) {
        outcome.job = store::JobState::lost; // its own row is locked: its lease runs out
    }
    return outcome;
}

store::JobState Queue::fail(const store::Lease& lease, const std::string& reason) {
    const store::JobTable::Failure failure{&lease, options_.retry.after(lease.attempts), reason};
    return table_.fail({&failure, 1}).at(0);
}

store::JobState Queue::defer(const store::Lease& lease, const std::string& reason) {
    store::Retry retry = options_.retry.after(lease.deferrals + 1);
    retry.dead = false;
    retry.blameless = true;
    const store::JobTable::Failure failure{&lease, retry, reason};
    return table_.fail({&failure, 1}).at(0);
}

store::JobState Queue::bury(const store::Lease& lease, const std::string& reason) {
    const store::JobTable::Failure failure{&lease, {{}, true}, reason};
    return table_.fail({&failure, 1}).at(0);
}

void Queue::release(std::span<const store::Lease> leases) { table_.release(leases); }

} // namespace runner::queue
