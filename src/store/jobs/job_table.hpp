// SPDX-License-Identifier: GPL-2.0-or-later
// The queue's SQL: one row per wiki and entity that waits or is in flight. src/queue decides on
// fairness, backoff and giving up; this class executes that. All times are the database's.
#pragma once

#include "store/common/session.hpp"
#include "store/jobs/job.hpp"

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace runner::store {

class ReadyCursor;

/// How many jobs to lease of one wiki, with this priority or a higher one.
struct WikiShare {
    std::string wiki;
    std::uint32_t limit = 0;
    std::int16_t min_priority = std::numeric_limits<std::int16_t>::min();
};

/// A priority for jobs of a wiki.
struct NewPriority {
    std::string wiki;
    std::int16_t priority = 0;
    std::optional<JobReason> reason;        ///< only those that are queued for this reason
    std::vector<entity::EntityId> entities; ///< only those of these; empty: all
};

/// Works through one session, with its errors. Every call is one transaction; empty lists do
/// nothing. Not thread-safe.
class JobTable {
public:
    explicit JobTable(Session& session);
    JobTable(JobTable&&) noexcept;
    ~JobTable();

    /// Durable when it returns. An entity that has a job already keeps one job: the newest
    /// revision, the highest priority, and the document of the newest revision. Returns for each
    /// job, in the order given, whether it is new (true) or coalesced. Wakes other
    /// runners.
    [[nodiscard]] std::vector<bool> accept(std::span<const NewJob> jobs);

    /// Makes at most `limit` jobs ready whose delay is over or whose lease ran out; those that are
    /// suspect wait for lease_suspects().
    std::uint64_t promote_due(std::uint32_t limit);
    /// Leases up to the given number of ready jobs per wiki, by priority, then in the order in
    /// which they became ready; none of paused wikis. Documents are not read.
    [[nodiscard]] std::vector<Lease> lease(std::string_view worker,
                                           std::span<const WikiShare> shares,
                                           std::chrono::milliseconds duration);
    /// The leasing thread must call this now and then: later leases and promote_due() of this
    /// object then skip the index entries of ended jobs.
    void move_on();
    /// Leases suspect jobs of these wikis (Lease::suspect()), but paused ones, with the fewest
    /// deaths, the oldest first: up to 16 of those that became suspect by their last death, else
    /// one. Empty when there is none.
    [[nodiscard]] std::vector<Lease> lease_suspects(std::string_view worker,
                                                    std::span<const std::string> wikis,
                                                    std::chrono::milliseconds duration);
    /// Reads the documents of those leases that have one and lack it here. When a newer revision
    /// was accepted since, the lease becomes one for that (document or not); a lease that is lost
    /// gets no document and has `has_document` false.
    void load_documents(std::span<Lease> leases);

    /// Extends the leases; returns for each whether it is still held.
    [[nodiscard]] std::vector<bool> heartbeat(std::span<const Lease> leases,
                                              std::chrono::milliseconds duration);
    /// Gives jobs back as if they had not been leased (on drain). Ignores lost leases.
    void release(std::span<const Lease> leases);

    struct Failure {
        const Lease* lease = nullptr;
        Retry retry;
        std::string reason; ///< shown in the dead list
    };
    /// Ends attempts that failed: each job waits for its next one or goes to the dead list. A job
    /// for which a newer revision was accepted meanwhile becomes ready immediately. Ignores lost
    /// leases. Returns the new state of each job.
    std::vector<JobState> fail(std::span<const Failure> failures);

    /// Gives at most `limit` jobs that wait another priority; returns how many had another one.
    /// Within the new one they keep their order. Leaves out those in flight.
    std::uint64_t reprioritise(const NewPriority& wanted, std::uint32_t limit = 10'000);

    [[nodiscard]] QueueCounts counts();
    [[nodiscard]] std::vector<WikiCounts> counts_by_wiki();
    /// Scans the whole queue.
    void add_reasons(std::vector<WikiCounts>& wikis);
    /// Ready, delayed and leased jobs together, counted no further than `limit`.
    [[nodiscard]] std::uint64_t length(std::uint64_t limit);
    [[nodiscard]] std::uint64_t length_of_wiki(const std::string& wiki, std::uint64_t limit);

    /// A page of the dead list sorted by wiki and entity text, after `after` (null: from the
    /// start). `wiki` empty: all.
    [[nodiscard]] std::vector<DeadJob> dead(std::string_view wiki, std::uint32_t limit,
                                            const EntityKey* after = nullptr);
    /// Puts dead jobs back into the queue with fresh attempts; returns how many there were.
    std::uint64_t retry_dead(std::span<const EntityKey> keys);
    /// The same for at most `limit` dead jobs of one wiki (empty: of all).
    std::uint64_t retry_all_dead(std::string_view wiki, std::uint32_t limit = 10'000);

private:
    Session& session_;
    std::unique_ptr<ReadyCursor> cursor_;
};

} // namespace runner::store
