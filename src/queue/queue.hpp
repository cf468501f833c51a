// SPDX-License-Identifier: GPL-2.0-or-later
// A worker's view of the queue: leases that have their documents, and
// the ends of jobs under the retry policy.
#pragma once

#include "queue/document_cache.hpp"
#include "queue/policy.hpp"
#include "results/stored_result.hpp"
#include "store/jobs/job_table.hpp"
#include "store/results/result_store.hpp"

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace runner::queue {

struct QueueOptions {
    std::string worker; ///< the lease holder: host name and process id, for example
    std::chrono::milliseconds lease{60'000};
    RetryPolicy retry;
};

/// Works through one session, with its errors (base::UnavailableError: try again later). Not
/// thread-safe; the cache may be shared by many.
class Queue {
public:
    Queue(store::Session& session, DocumentCache& documents, QueueOptions options);

    /// Makes jobs ready whose lease ran out or whose delay is over; false when there may be more.
    bool promote_due();

    /// What is ready of these shares.
    [[nodiscard]] std::vector<store::Lease> lease(std::span<const store::WikiShare> shares);

    /// Leases the next jobs of these wikis whose processes died, see JobTable::lease_suspects();
    /// call only with no other such job in flight. A job that has killed too many processes to be
    /// innocent goes to the dead list instead.
    [[nodiscard]] std::vector<store::Lease> lease_suspects(std::span<const std::string> wikis);

    /// Extends leases; false for a lost one: another worker may have it.
    [[nodiscard]] std::vector<bool> heartbeat(std::span<const store::Lease> leases);

    /// Stores results and ends their jobs in one transaction (see ResultStore::store). Results that
    /// can't be stored now, because another session has locked their rows or for an unknown reason,
    /// are deferred and the rest stored.
    [[nodiscard]] std::vector<store::Outcome> complete(std::span<store::Completed> batch);

    /// The attempt failed with `reason`: retry later, or the dead list after the last attempt.
    store::JobState fail(const store::Lease& lease, const std::string& reason);
    /// The attempt failed through no fault of the entity: retry later, without counting it.
    store::JobState defer(const store::Lease& lease, const std::string& reason);
    /// To the dead list immediately: a retry would end the same way.
    store::JobState bury(const store::Lease& lease, const std::string& reason);

    /// Gives jobs back unharmed (on drain).
    void release(std::span<const store::Lease> leases);

    [[nodiscard]] store::JobTable& table() noexcept { return table_; }
    [[nodiscard]] store::ResultStore& results() noexcept { return results_; }
    [[nodiscard]] const QueueOptions& options() const noexcept { return options_; }

private:
    void attach_documents(std::vector<store::Lease>& leases);
    void store_apart(std::span<store::Completed*> batch, std::span<store::Outcome*> outcomes,
                     const std::string& unknown);
    [[nodiscard]] store::Outcome put_aside(const store::Lease& lease, const std::string& unknown);
    void bury_deadly(std::vector<store::Lease>& leases);

    store::Session& session_;
    store::JobTable table_;
    store::ResultStore results_;
    DocumentCache& documents_;
    QueueOptions options_;
};

} // namespace runner::queue
