// SPDX-License-Identifier: GPL-2.0-or-later
// New priorities for jobs that wait. See job_table.hpp.
#include "store/common/array.hpp"
#include "store/common/session_impl.hpp"
#include "store/jobs/job_ends.hpp"
#include "store/jobs/job_table.hpp"

namespace runner::store {

namespace {

// Those that another transaction has locked are being leased, or are accepted again; waiting for
// their locks, taken in another order, could end in a deadlock. job_became_ready() gives each its
// new place.
constexpr Statement reprioritise_jobs{"reprioritise_jobs", R"(
WITH chosen AS MATERIALIZED (
    SELECT wiki, entity FROM constraint_runner.job
    WHERE wiki = $1 AND state <> 'leased' AND priority <> $2::smallint
      AND ($3::smallint < 0 OR reason = $3::smallint)
      AND (cardinality($4::text[]) = 0 OR entity = ANY ($4::text[]))
    ORDER BY ready_at LIMIT $5 FOR UPDATE SKIP LOCKED)
UPDATE constraint_runner.job j SET priority = $2::smallint
FROM chosen WHERE j.wiki = chosen.wiki AND j.entity = chosen.entity)"};

} // namespace

std::uint64_t JobTable::reprioritise(const NewPriority& wanted, std::uint32_t limit) {
    if (limit == 0)
        return 0;
    TextArray entities;
    for (const entity::EntityId& entity : wanted.entities)
        entities.add(entity.page().to_string());
    const int reason = wanted.reason ? static_cast<int>(*wanted.reason) : -1;
    return session_.impl().run([&](Transaction& transaction) {
        const auto rows = transaction.exec(reprioritise_jobs, wanted.wiki, wanted.priority, reason,
                                           entities, limit);
        notify_jobs_ready(transaction);
        return static_cast<std::uint64_t>(rows.affected_rows());
    });
}

} // namespace runner::store
