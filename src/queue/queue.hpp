// SPDX-License-Identifier: GPL-2.0-or-later
// A worker's view of the queue: leases that are fair between wikis and have their documents, and
// the ends of jobs under the retry policy.
#pragma once

#include "queue/document_cache.hpp"
#include "queue/policy.hpp"
#include "results/stored_result.hpp"
#include "store/job_table.hpp"
#include "store/result_store.hpp"

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace runner::queue {

struct QueueOptions {
    std::string worker; ///< who holds the leases: host name and process id, say
    std::chrono::milliseconds lease{60'000};
    RetryPolicy retry;
};

/// Works through one session, with its errors (base::UnavailableError: try again later). Not
/// thread-safe; the cache may be shared by many.
class Queue {
public:
    Queue(store::Session& session, DocumentCache& documents, QueueOptions options);

    /// Up to `limit` jobs; empty when none is ready. Takes up leases that ran out and delays that
    /// are over. Jobs that came to their last attempt without an end (whoever held them died)
    /// go to the dead list.
    [[nodiscard]] std::vector<store::Lease> lease(std::uint32_t limit);

    /// Prolongs; false for a lease that is lost: another worker may have it.
    [[nodiscard]] std::vector<bool> heartbeat(std::span<const store::Lease> leases);

    /// Stores results and ends their jobs in one transaction (see ResultStore::store).
    [[nodiscard]] std::vector<store::Outcome> complete(std::span<store::Completed> batch);

    /// The attempt failed with `reason`: later again, or the dead list after the last attempt.
    void fail(const store::Lease& lease, const std::string& reason);
    /// To the dead list at once: another attempt would end the same way.
    void bury(const store::Lease& lease, const std::string& reason);

    /// Gives jobs back unharmed (on drain).
    void release(std::span<const store::Lease> leases);

    [[nodiscard]] store::JobTable& table() noexcept { return table_; }
    [[nodiscard]] store::ResultStore& results() noexcept { return results_; }
    [[nodiscard]] const QueueOptions& options() const noexcept { return options_; }

private:
    void attach_documents(std::vector<store::Lease>& leases);
    void bury_exhausted(std::vector<store::Lease>& leases);

    store::JobTable table_;
    store::ResultStore results_;
    DocumentCache& documents_;
    QueueOptions options_;
    std::uint64_t turn_ = 0;
};

} // namespace runner::queue
