// SPDX-License-Identifier: GPL-2.0-or-later
// The dead list: reading it and trying its jobs again. See job_table.hpp.
#include "store/common/array.hpp"
#include "store/common/session_impl.hpp"
#include "store/jobs/job_ends.hpp"
#include "store/jobs/job_table.hpp"

#include <algorithm>

namespace runner::store {

namespace {

constexpr Statement list_dead{"list_dead", R"(
SELECT wiki, entity, revision, priority, attempts, reason,
       to_char(died_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), document IS NOT NULL
FROM constraint_runner.dead_job
WHERE (wiki, entity) > ($1, $2) AND ($3 = '' OR wiki = $3)
ORDER BY wiki, entity LIMIT $4)"};

// A job that waits already is joined as by accept, and a newer one keeps its document.
#define RUNNER_REQUEUE                                                                             \
    " INSERT INTO constraint_runner.job AS j (wiki, entity, revision, priority, queued_at, "       \
    "document, document_revision) "                                                                \
    "SELECT wiki, entity, revision, priority, statement_timestamp(), document, "                   \
    "document_revision FROM back ORDER BY n "                                                      \
    "ON CONFLICT (wiki, entity) DO UPDATE SET priority = greatest(j.priority, "                    \
    "excluded.priority), generation = j.generation + 1, "                                          \
    "revision = greatest(j.revision, excluded.revision), "                                         \
    "document = CASE WHEN excluded.revision > j.revision THEN excluded.document "                  \
    "ELSE j.document END, "                                                                        \
    "document_revision = CASE WHEN excluded.revision > j.revision "                                \
    "THEN excluded.document_revision ELSE j.document_revision END, "                               \
    "attempts = 0, due_at = CASE WHEN j.state = 'delayed' THEN NULL ELSE j.due_at END, "           \
    "state = CASE WHEN j.state = 'delayed' THEN 'ready' ELSE j.state END"

constexpr Statement retry_dead_keys{
    "retry_dead_keys",
    "WITH back AS (DELETE FROM constraint_runner.dead_job d "
    "USING unnest($1::text[], $2::text[]) WITH ORDINALITY AS k(wiki, entity, n) "
    "WHERE d.wiki = k.wiki AND d.entity = k.entity RETURNING d.*, k.n)" RUNNER_REQUEUE};

constexpr Statement retry_dead_some{
    "retry_dead_some",
    "WITH chosen AS MATERIALIZED (SELECT wiki, entity FROM constraint_runner.dead_job "
    "WHERE $1 = '' OR wiki = $1 ORDER BY wiki, entity LIMIT $2 FOR UPDATE SKIP LOCKED), "
    "back AS (DELETE FROM constraint_runner.dead_job d USING chosen "
    "WHERE d.wiki = chosen.wiki AND d.entity = chosen.entity "
    "RETURNING d.*, d.died_at AS n)" RUNNER_REQUEUE};

#undef RUNNER_REQUEUE

} // namespace

std::vector<DeadJob> JobTable::dead(std::string_view wiki, std::uint32_t limit,
                                    const EntityKey* after) {
    return session_.impl().run([&](Transaction& transaction) {
        std::vector<DeadJob> jobs;
        for (const auto& row :
             transaction.exec(list_dead, after != nullptr ? after->wiki : std::string(),
                              after != nullptr ? after->entity.to_string() : std::string(),
                              std::string(wiki), limit)) {
            DeadJob job;
            job.key = read_key(row[0], row[1]);
            job.revision = row[2].as<std::uint64_t>();
            job.priority = row[3].as<std::int16_t>();
            job.attempts = row[4].as<std::uint32_t>();
            job.reason = row[5].as<std::string>();
            job.died_at = row[6].as<std::string>();
            job.has_document = row[7].as<bool>();
            jobs.push_back(std::move(job));
        }
        return jobs;
    });
}

std::uint64_t JobTable::retry_dead(std::span<const EntityKey> keys) {
    if (keys.empty())
        return 0;
    std::vector<EntityKey> sorted(keys.begin(), keys.end());
    std::sort(sorted.begin(), sorted.end());
    sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
    TextArray wikis, entities;
    for (const EntityKey& key : sorted) {
        wikis.add(key.wiki);
        entities.add(key.entity.to_string());
    }
    return session_.impl().run([&](Transaction& transaction) {
        const auto rows = transaction.exec(retry_dead_keys, wikis, entities);
        notify_jobs_ready(transaction);
        return static_cast<std::uint64_t>(rows.affected_rows());
    });
}

std::uint64_t JobTable::retry_all_dead(std::string_view wiki, std::uint32_t limit) {
    if (limit == 0)
        return 0;
    return session_.impl().run([&](Transaction& transaction) {
        const auto rows = transaction.exec(retry_dead_some, std::string(wiki), limit);
        notify_jobs_ready(transaction);
        return static_cast<std::uint64_t>(rows.affected_rows());
    });
}

} // namespace runner::store
