// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/imports/import_rows.hpp"

#include "store/jobs/job_ends.hpp"
#include "store/jobs/job_upsert.hpp"
#include "store/results/result_batch.hpp"

namespace runner::store {

namespace {

// One by one: of a table that has just been filled the planner knows nothing, and would read all
// of it.
constexpr Statement stored_revisions{"stored_revisions", R"(
SELECT k.n - 1, r.revision, r.age, r.incomplete
FROM unnest($2::text[]) WITH ORDINALITY AS k(entity, n)
CROSS JOIN LATERAL (
    SELECT revision, extract(epoch FROM now() - checked_at)::bigint AS age,
           incomplete IS NOT NULL AS incomplete
    FROM constraint_runner.entity_result
    WHERE wiki = $1 AND entity = k.entity AND tombstone = 0 LIMIT 1) r)"};

// text order is byte order here: what begins with a letter lies between it and the next one
constexpr const char* stored_where = R"(
FROM constraint_runner.entity_result r
WHERE r.wiki = $1 AND r.entity > $2 AND r.entity >= $3 AND r.tombstone = 0
  AND ($3 = '' OR r.entity < chr(ascii($3) + 1))
  AND ($4::bigint = 0 OR r.checked_at < now() - make_interval(secs => $4::bigint))
  AND ($5 = '' OR EXISTS (SELECT FROM constraint_runner.dependency d
                          WHERE d.wiki = r.wiki AND d.entity = r.entity AND d.depends_on = $5)))";

constexpr Statement stored_total{"stored_total",
                                 "SELECT greatest(reltuples, 0)::bigint FROM pg_class "
                                 "WHERE oid = 'constraint_runner.entity_result'::regclass"};

// The number is drawn after the jobs are written: a check with a higher one was leased after that.
constexpr Statement note_import_jobs{"note_import_jobs", R"(
WITH now AS MATERIALIZED (SELECT nextval('constraint_runner.check_number') AS number)
INSERT INTO constraint_runner.import_job (import_id, entity, after_check)
SELECT $1, entity, now.number
FROM (SELECT DISTINCT entity FROM unnest($2::text[]) AS e(entity) ORDER BY entity) e, now
ON CONFLICT (import_id, entity) DO UPDATE
SET after_check = excluded.after_check, queued_at = excluded.queued_at)"};

constexpr Statement look_at_import_jobs{"look_at_import_jobs", R"(
SELECT p.entity, j.there IS NULL OR coalesce(r.check_number > p.after_check, false) AS over,
    CASE WHEN coalesce(r.check_number > p.after_check, false) THEN NULL ELSE d.reason END
FROM constraint_runner.import_job p
LEFT JOIN LATERAL (
    SELECT true AS there FROM constraint_runner.job
    WHERE wiki = $2 AND entity = p.entity LIMIT 1) j ON true
LEFT JOIN LATERAL (
    SELECT check_number FROM constraint_runner.entity_result
    WHERE wiki = $2 AND entity = p.entity LIMIT 1) r ON true
LEFT JOIN LATERAL (
    SELECT reason FROM constraint_runner.dead_job
    WHERE wiki = $2 AND entity = p.entity AND died_at >= p.queued_at LIMIT 1) d ON true
WHERE p.import_id = $1)"};

constexpr Statement forget_import_jobs{"forget_import_jobs", R"(
DELETE FROM constraint_runner.import_job WHERE import_id = $1 AND entity = ANY ($2::text[]))"};

const std::string page_sql =
    "SELECT r.entity" + std::string(stored_where) + " ORDER BY r.wiki, r.entity LIMIT $6";
const std::string count_sql =
    "SELECT count(*) FROM (SELECT" + std::string(stored_where) + " LIMIT $6) c";

} // namespace

void ResultRows::write(Transaction& transaction, const ImportKey&, ImportCounts& counts) const {
    if (results.empty())
        return;
    for (const Outcome& outcome : store_results(transaction, results)) {
        ++counts[outcome.result == StoreState::stored ? "results_stored" : "results_outdated"];
        counts["violations_appeared"] += outcome.appeared;
        counts["violations_disappeared"] += outcome.disappeared;
    }
}

void JobRows::write(Transaction& transaction, const ImportKey& import, ImportCounts& counts) const {
    if (jobs.empty())
        return;
    for (const bool is_new : upsert_jobs(transaction, jobs))
        ++counts[is_new ? "jobs_queued" : "jobs_coalesced"];
    TextArray pages;
    for (const NewJob& job : jobs)
        pages.add(job.key.entity.page().to_string());
    transaction.exec(note_import_jobs, import.id, pages);
    notify_jobs_ready(transaction);
}

void EndedJobRows::write(Transaction& transaction, const ImportKey& import, ImportCounts&) const {
    if (entities.empty())
        return;
    TextArray pages;
    for (const std::string& entity : entities)
        pages.add(entity);
    transaction.exec(forget_import_jobs, import.id, pages);
}

ImportJobs::Answer ImportJobs::look(const ImportKey& import) {
    return session_.impl().run([&](Transaction& transaction) {
        Answer answer;
        for (const auto& row : transaction.exec(look_at_import_jobs, import.id, import.wiki)) {
            if (!row[1].as<bool>())
                ++answer.waiting;
            else
                answer.ended.push_back(
                    {row[0].as<std::string>(),
                     row[2].is_null() ? std::nullopt : std::optional(row[2].as<std::string>())});
        }
        return answer;
    });
}

std::vector<std::optional<StoredEntities::Stored>>
StoredEntities::find(std::string_view wiki, std::span<const entity::EntityId> ids) {
    std::vector<std::optional<Stored>> found(ids.size());
    if (ids.empty())
        return found;
    TextArray entities;
    for (const entity::EntityId& id : ids)
        entities.add(id.to_string());
    session_.impl().run([&](Transaction& transaction) {
        for (const auto& row : transaction.exec(stored_revisions, std::string(wiki), entities))
            found.at(row[0].as<std::size_t>()) = {row[1].as<std::uint64_t>(),
                                                  std::chrono::seconds(row[2].as<std::int64_t>()),
                                                  row[3].as<bool>()};
    });
    return found;
}

std::vector<std::string> StoredEntities::page(std::string_view wiki, const StoredFilter& filter,
                                              const std::string& after, std::uint32_t limit) {
    const Statement statement{"stored_page", page_sql.c_str()};
    return session_.impl().run([&](Transaction& transaction) {
        std::vector<std::string> ids;
        for (const auto& row :
             transaction.exec(statement, std::string(wiki), after, filter.letter,
                              filter.older_than.count(), filter.depends_on, limit))
            ids.push_back(row[0].as<std::string>());
        return ids;
    });
}

ImportTotal StoredEntities::count(std::string_view wiki, const StoredFilter& filter) {
    constexpr std::uint64_t most = 20'000; // counted one by one
    const Statement statement{"stored_count", count_sql.c_str()};
    return session_.impl().run([&](Transaction& transaction) {
        const auto counted = transaction
                                 .exec(statement, std::string(wiki), std::string(), filter.letter,
                                       filter.older_than.count(), filter.depends_on, most)[0][0]
                                 .as<std::uint64_t>();
        if (counted < most)
            return ImportTotal{counted, true};
        if (!filter.letter.empty() || !filter.depends_on.empty() || filter.older_than.count() > 0)
            return ImportTotal{counted, false};
        const auto all = transaction.exec(stored_total)[0][0].as<std::uint64_t>();
        return ImportTotal{std::max(counted, all), false};
    });
}

} // namespace runner::store
