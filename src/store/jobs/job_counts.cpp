// SPDX-License-Identifier: GPL-2.0-or-later
// Counting jobs. The partial indexes make it cheap, and the queue is bounded. See job_table.hpp.
#include "store/common/session_impl.hpp"
#include "store/jobs/job_table.hpp"

#include <algorithm>

namespace runner::store {

namespace {

// what is due counts as ready, whether or not a runner has noticed yet
constexpr Statement count_jobs{"count_jobs", R"(
WITH waiting AS MATERIALIZED (
    SELECT wiki, count(*) AS n, min(ready_at) AS oldest
    FROM constraint_runner.job WHERE state = 'ready' GROUP BY wiki),
held AS MATERIALIZED (
    SELECT wiki, count(*) FILTER (WHERE due_at <= statement_timestamp()) AS due,
           count(*) FILTER (WHERE due_at > statement_timestamp() AND state = 'delayed') AS delayed,
           count(*) FILTER (WHERE due_at > statement_timestamp() AND state = 'leased') AS leased,
           min(queued_at) FILTER (WHERE due_at <= statement_timestamp()) AS oldest
    FROM constraint_runner.job WHERE state <> 'ready' GROUP BY wiki),
dead AS MATERIALIZED (
    SELECT wiki, count(*) AS n FROM constraint_runner.dead_job GROUP BY wiki)
SELECT wiki, sum(ready)::bigint, sum(delayed)::bigint, sum(leased)::bigint, sum(dead)::bigint,
       coalesce(greatest(0, extract(epoch FROM statement_timestamp() - min(oldest))), 0)::float8
FROM (SELECT wiki, n AS ready, 0 AS delayed, 0 AS leased, 0 AS dead, oldest FROM waiting
      UNION ALL SELECT wiki, due, delayed, leased, 0, oldest FROM held
      UNION ALL SELECT wiki, 0, 0, 0, n, NULL FROM dead) AS parts
GROUP BY wiki ORDER BY wiki)"};

constexpr Statement count_length{"count_length", R"(
SELECT count(*) FROM (SELECT FROM constraint_runner.job LIMIT $1) AS counted)"};

constexpr Statement count_length_of_wiki{"count_length_of_wiki", R"(
SELECT count(*) FROM (SELECT FROM constraint_runner.job WHERE wiki = $1 LIMIT $2) AS counted)"};

} // namespace

std::vector<WikiCounts> JobTable::counts_by_wiki() {
    return session_.impl().run([&](Transaction& transaction) {
        std::vector<WikiCounts> list;
        for (const auto& row : transaction.exec(count_jobs))
            list.push_back(
                {row[0].as<std::string>(),
                 {row[1].as<std::uint64_t>(), row[2].as<std::uint64_t>(),
                  row[3].as<std::uint64_t>(), row[4].as<std::uint64_t>(), row[5].as<double>()}});
        return list;
    });
}

QueueCounts JobTable::counts() {
    QueueCounts sum;
    for (const WikiCounts& wiki : counts_by_wiki()) {
        sum.ready += wiki.counts.ready;
        sum.delayed += wiki.counts.delayed;
        sum.leased += wiki.counts.leased;
        sum.dead += wiki.counts.dead;
        sum.oldest_ready_seconds =
            std::max(sum.oldest_ready_seconds, wiki.counts.oldest_ready_seconds);
    }
    return sum;
}

std::uint64_t JobTable::length(std::uint64_t limit) {
    return session_.impl().run([&](Transaction& transaction) {
        return transaction.exec(count_length, limit)[0][0].as<std::uint64_t>();
    });
}

std::uint64_t JobTable::length_of_wiki(const std::string& wiki, std::uint64_t limit) {
    return session_.impl().run([&](Transaction& transaction) {
        return transaction.exec(count_length_of_wiki, wiki, limit)[0][0].as<std::uint64_t>();
    });
}

} // namespace runner::store
