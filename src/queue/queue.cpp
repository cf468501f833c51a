// SPDX-License-Identifier: GPL-2.0-or-later
// Leases with their documents, and ends of jobs: see queue.hpp.
#include "queue/queue.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace runner::queue {

namespace {

// a batch of them at a time keeps the transaction short; the next lease takes the next
constexpr std::uint32_t promote_at_once = 1'000;

} // namespace

Queue::Queue(store::Session& session, DocumentCache& documents, QueueOptions options)
    : table_(session), results_(session), documents_(documents), options_(std::move(options)) {}

std::vector<store::Lease> Queue::lease(std::uint32_t limit) {
    std::vector<store::Lease> leases;
    if (limit == 0)
        return leases;
    table_.promote_due(promote_at_once);
    auto wikis = table_.ready_wikis();
    // What one wiki leaves of its share goes to the others. Each round but the last drops a wiki
    // that has no more jobs.
    while (!wikis.empty() && leases.size() < limit) {
        const auto shares =
            fair_shares(wikis, limit - static_cast<std::uint32_t>(leases.size()), turn_++);
        auto taken = table_.lease(options_.worker, shares, options_.lease);
        std::vector<std::string> left;
        for (const std::string& wiki : wikis) {
            const auto share = std::find_if(shares.begin(), shares.end(),
                                            [&](const auto& s) { return s.wiki == wiki; });
            const auto got = std::count_if(taken.begin(), taken.end(),
                                           [&](const auto& l) { return l.key.wiki == wiki; });
            if (share == shares.end() || got == share->limit)
                left.push_back(wiki);
        }
        std::move(taken.begin(), taken.end(), std::back_inserter(leases));
        wikis = std::move(left);
    }
    bury_exhausted(leases);
    attach_documents(leases);
    return leases;
}

void Queue::bury_exhausted(std::vector<store::Lease>& leases) {
    const auto exhausted = std::stable_partition(
        leases.begin(), leases.end(),
        [this](const store::Lease& lease) { return lease.attempts <= options_.retry.max_attempts; });
    if (exhausted == leases.end())
        return;
    std::vector<store::JobTable::Failure> failures;
    for (auto lease = exhausted; lease != leases.end(); ++lease)
        failures.push_back({&*lease, {{}, true},
                            fmt::format("{} attempts began and none came to an end: the runner "
                                        "that worked on it died or hung",
                                        lease->attempts - 1)});
    table_.fail(failures);
    leases.erase(exhausted, leases.end());
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
    auto outcomes = results_.store(batch);
    for (std::size_t i = 0; i < batch.size(); ++i)
        if (outcomes[i].job == store::JobState::ended)
            documents_.forget(batch[i].lease.key, batch[i].lease.document_revision);
    return outcomes;
}

void Queue::fail(const store::Lease& lease, const std::string& reason) {
    const store::JobTable::Failure failure{&lease, options_.retry.after(lease.attempts), reason};
    table_.fail({&failure, 1});
}

void Queue::bury(const store::Lease& lease, const std::string& reason) {
    const store::JobTable::Failure failure{&lease, {{}, true}, reason};
    table_.fail({&failure, 1});
}

void Queue::release(std::span<const store::Lease> leases) {
    table_.release(leases);
}

} // namespace runner::queue
