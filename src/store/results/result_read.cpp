// SPDX-License-Identifier: GPL-2.0-or-later
// Reading stored results, and forgetting what is known of an entity: see result_store.hpp.
#include "store/common/array.hpp"
#include "store/common/libpqxx.hpp"
#include "store/common/session_impl.hpp"
#include "store/jobs/job_ends.hpp"
#include "store/jobs/job_upsert.hpp"
#include "store/results/known_rows.hpp"
#include "store/results/result_store.hpp"
#include "store/results/result_upsert.hpp"

#include <utility>

namespace runner::store {

namespace {

constexpr Statement get_result{"get_result", R"(
SELECT revision, to_char(checked_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), value, duration_us, engine,
       n_bad_parameters, n_violation, n_warning, n_suggestion, n_exception, n_compliance,
       n_deprecated, n_not_in_scope, n_todo, incomplete,
       EXISTS (SELECT FROM constraint_runner.job j
               WHERE j.wiki = $1 AND j.entity = split_part($2, '-', 1))
       OR coalesce(changes_at <= statement_timestamp(), false)
       OR EXISTS (SELECT FROM constraint_runner.entity_change c
                  WHERE c.wiki = $1 AND c.kind = 3)
       OR EXISTS (SELECT FROM constraint_runner.dependency d
                  JOIN constraint_runner.entity_change c
                    ON c.wiki = d.wiki AND c.entity = d.depends_on AND c.kind IN (0, 4)
                  JOIN constraint_runner.entity_result o
                    ON o.wiki = d.wiki AND o.entity = d.depends_on
                  WHERE d.wiki = $1 AND d.entity = $2 AND d.depends_on <> $2
                    AND d.seen IS DISTINCT FROM )" RUNNER_SEEN_AS("d", "o") R"(),
       own, wbqc
FROM constraint_runner.entity_result
WHERE wiki = $1 AND entity = $2 AND tombstone = 0)"};

constexpr Statement forget_revisions{"forget_revisions", R"(
UPDATE constraint_runner.entity_result SET revision = 0, newest_revision = 0
WHERE wiki = $1 AND (entity = $2 OR entity > $2 || '-' AND entity < $2 || '.'))"};

constexpr Statement forget_digests{"forget_digests", R"(
UPDATE constraint_runner.entity_result r SET pairs_digest = NULL, links_digest = NULL
FROM unnest($1::text[], $2::text[]) AS k(wiki, page)
WHERE r.wiki = k.wiki
  AND (r.entity = k.page OR r.entity > k.page || '-' AND r.entity < k.page || '.'))"};

constexpr Statement forget_dead_job{"forget_dead_job", R"(
DELETE FROM constraint_runner.dead_job WHERE wiki = $1 AND entity = $2)"};

constexpr Statement list_incomplete{"list_incomplete", R"(
SELECT r.wiki, r.entity, r.revision, to_char(r.checked_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       to_char(coalesce(j.due_at, j.queued_at), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), r.incomplete
FROM constraint_runner.entity_result r
LEFT JOIN constraint_runner.job j ON j.wiki = r.wiki AND j.entity = r.entity
WHERE r.incomplete IS NOT NULL AND (r.wiki, r.entity) > ($1, $2) AND ($3 = '' OR r.wiki = $3)
ORDER BY r.wiki, r.entity LIMIT $4)"};

} // namespace

std::optional<ResultRow> ResultStore::get(std::string_view wiki, const entity::EntityId& entity) {
    const auto rows = session_.impl().read(get_result, std::string(wiki), entity.to_string());
    if (rows.empty())
        return std::nullopt;
    const auto& row = rows[0];
    ResultRow result;
    result.revision = row[0].as<std::uint64_t>();
    result.checked_at = row[1].as<std::string>();
    result.value = row[2].as<std::string>();
    result.duration_us = row[3].as<std::uint64_t>();
    result.engine = row[4].as<std::string>();
    for (std::size_t i = 0; i < result.counts.size(); ++i)
        result.counts[i] = row[static_cast<int>(5 + i)].as<std::uint32_t>();
    result.incomplete = read_texts(row[14]);
    result.stale = row[15].as<bool>();
    result.own = row[16].as<std::string>(std::string());
    result.wbqc = row[17].as<std::string>(std::string());
    return result;
}

void ResultStore::distrust_rows(std::span<const EntityKey> keys) {
    TextArray wikis, pages;
    for (const EntityKey& key : keys) {
        wikis.add(key.wiki);
        pages.add(key.entity.page().to_string());
    }
    session_.impl().run(
        [&](Transaction& transaction) { transaction.exec(forget_digests, wikis, pages); });
}

bool ResultStore::reset(const EntityKey& key, std::int16_t priority) {
    const std::string page = key.entity.page().to_string();
    return session_.impl().run([&](Transaction& transaction) {
        const auto rows = transaction.exec(forget_revisions, key.wiki, page);
        transaction.exec(forget_dead_job, key.wiki, page);
        NewJob job;
        job.key = key;
        job.priority = priority;
        (void)upsert_jobs(transaction, {&job, 1});
        notify_jobs_ready(transaction);
        return rows.affected_rows() > 0;
    });
}

std::vector<IncompleteRow> ResultStore::incomplete(std::string_view wiki, std::uint32_t limit,
                                                   const EntityKey* after) {
    return session_.impl().run([&](Transaction& transaction) {
        std::vector<IncompleteRow> found;
        for (const auto& row :
             transaction.exec(list_incomplete, after != nullptr ? after->wiki : std::string(),
                              after != nullptr ? after->entity.to_string() : std::string(),
                              std::string(wiki), limit)) {
            IncompleteRow result;
            result.key = read_key(row[0], row[1]);
            result.revision = row[2].as<std::uint64_t>();
            result.checked_at = row[3].as<std::string>();
            result.next_attempt = row[4].as<std::string>(std::string());
            result.reasons = read_texts(row[5]);
            found.push_back(std::move(result));
        }
        return found;
    });
}

} // namespace runner::store
