// SPDX-License-Identifier: GPL-2.0-or-later
// Ends of jobs: see job_ends.hpp. Only the holder of its lease can end a job, and only with the
// generation that is there; with another generation it is ready again.
#include "store/jobs/job_ends.hpp"

#include "base/utf8.hpp"
#include "store/common/array.hpp"
#include "store/common/notification.hpp"
#include "store/jobs/job_table.hpp"

#include <algorithm>

namespace runner::store {

namespace {

constexpr std::size_t max_reason_bytes = 2'000;

constexpr Statement jobs_done{"jobs_done", R"(
DELETE FROM constraint_runner.job j
USING unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[])
      WITH ORDINALITY AS k(wiki, entity, token, generation, n)
WHERE j.wiki = k.wiki AND j.entity = k.entity
  AND j.lease_token = k.token AND j.generation = k.generation
RETURNING k.n - 1)"};

constexpr Statement dead_jobs_done{"dead_jobs_done", R"(
DELETE FROM constraint_runner.dead_job d
USING unnest($1::text[], $2::text[], $3::bigint[]) AS k(wiki, entity, revision)
WHERE d.wiki = k.wiki AND d.entity = k.entity AND d.revision <= k.revision)"};

constexpr Statement jobs_delayed{"jobs_delayed", R"(
UPDATE constraint_runner.job j SET
    state = 'delayed', lease_owner = NULL, lease_token = NULL, confirm = false, deaths = 0,
    due_at = statement_timestamp() + k.delay * interval '1 millisecond'
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[])
     WITH ORDINALITY AS k(wiki, entity, token, generation, delay, n)
WHERE j.wiki = k.wiki AND j.entity = k.entity
  AND j.lease_token = k.token AND j.generation = k.generation
RETURNING k.n - 1)"};

constexpr Statement jobs_deferred{"jobs_deferred", R"(
UPDATE constraint_runner.job j SET
    state = 'delayed', lease_owner = NULL, lease_token = NULL,
    attempts = greatest(j.attempts - 1, 0), deferrals = j.deferrals + 1, deaths = 0,
    due_at = statement_timestamp() + k.delay * interval '1 millisecond'
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[])
     WITH ORDINALITY AS k(wiki, entity, token, generation, delay, n)
WHERE j.wiki = k.wiki AND j.entity = k.entity
  AND j.lease_token = k.token AND j.generation = k.generation
RETURNING k.n - 1)"};

constexpr Statement jobs_recheck{"jobs_recheck", R"(
UPDATE constraint_runner.job j SET
    state = 'delayed', lease_owner = NULL, lease_token = NULL, confirm = false,
    attempts = greatest(j.attempts - 1, 0), rechecks = least(j.rechecks + 1, 1000), deaths = 0,
    due_at = statement_timestamp() + k.delay * interval '1 millisecond'
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[])
     WITH ORDINALITY AS k(wiki, entity, token, generation, delay, n)
WHERE j.wiki = k.wiki AND j.entity = k.entity
  AND j.lease_token = k.token AND j.generation = k.generation
RETURNING k.n - 1)"};

// whatever was accepted meanwhile; a document that came meanwhile is not that of this lease
constexpr Statement jobs_ask{"jobs_ask", R"(
UPDATE constraint_runner.job j SET
    state = CASE WHEN k.delay > 0 AND j.generation = k.generation
                 THEN 'delayed'::constraint_runner.job_state ELSE 'ready' END,
    lease_owner = NULL, lease_token = NULL, confirm = k.delay > 0, deaths = 0,
    attempts = greatest(j.attempts - 1, 0),
    due_at = CASE WHEN k.delay > 0 AND j.generation = k.generation
                  THEN statement_timestamp() + k.delay * interval '1 millisecond' END,
    document = CASE WHEN j.generation <> k.generation THEN j.document END,
    document_revision = CASE WHEN j.generation <> k.generation THEN j.document_revision END
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[])
     WITH ORDINALITY AS k(wiki, entity, token, generation, delay, n)
WHERE j.wiki = k.wiki AND j.entity = k.entity AND j.lease_token = k.token
RETURNING k.n - 1)"};

constexpr Statement jobs_dead{"jobs_dead", R"(
WITH gone AS (
    DELETE FROM constraint_runner.job j
    USING unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[])
          WITH ORDINALITY AS k(wiki, entity, token, generation, why, n)
    WHERE j.wiki = k.wiki AND j.entity = k.entity
      AND j.lease_token = k.token AND j.generation = k.generation
    RETURNING j.*, k.why, k.n),
buried AS (
    INSERT INTO constraint_runner.dead_job (wiki, entity, revision, priority, attempts, reason,
                                            died_at, document, document_revision)
    SELECT wiki, entity, revision, priority, attempts, why, statement_timestamp(), document,
           document_revision
    FROM gone
    ON CONFLICT (wiki, entity) DO UPDATE SET
        revision = excluded.revision, priority = excluded.priority,
        attempts = excluded.attempts, reason = excluded.reason, died_at = excluded.died_at,
        document = excluded.document, document_revision = excluded.document_revision)
SELECT n - 1 FROM gone)"};

constexpr Statement jobs_again{"jobs_again", R"(
UPDATE constraint_runner.job j SET
    state = 'ready', lease_owner = NULL, lease_token = NULL, due_at = NULL, attempts = 0,
    deaths = 0
FROM unnest($1::text[], $2::text[], $3::bigint[]) WITH ORDINALITY AS k(wiki, entity, token, n)
WHERE j.wiki = k.wiki AND j.entity = k.entity AND j.lease_token = k.token
RETURNING k.n - 1)"};

constexpr Statement notify_ready{"notify_ready", "SELECT pg_notify($1, '')"};

struct Columns {
    void add(const JobEnd& end) {
        wikis.add(end.lease->key.wiki);
        entities.add(end.lease->key.entity.to_string());
        tokens.add(end.lease->token);
        generations.add(end.lease->generation);
    }
    TextArray wikis, entities;
    BigintArray tokens, generations;
};

void mark(const pqxx::result& rows, const std::vector<JobEnd*>& ends, JobState state) {
    for (const auto& row : rows)
        ends.at(row[0].as<std::size_t>())->state = state;
}

void run_kind(Transaction& transaction, const std::vector<JobEnd*>& sorted, JobEnd::Kind kind) {
    std::vector<JobEnd*> ends;
    Columns columns;
    BigintArray delays;
    TextArray reasons;
    for (JobEnd* end : sorted) {
        if (end->kind != kind)
            continue;
        ends.push_back(end);
        columns.add(*end);
        delays.add(end->delay.count());
        reasons.add(base::one_line_utf8(end->reason, max_reason_bytes)); // it may quote any bytes
    }
    if (ends.empty())
        return;
    auto& [wikis, entities, tokens, generations] = columns;
    switch (kind) {
    case JobEnd::Kind::done:
        mark(transaction.exec(jobs_done, wikis, entities, tokens, generations), ends,
             JobState::ended);
        break;
    case JobEnd::Kind::delay:
        mark(transaction.exec(jobs_delayed, wikis, entities, tokens, generations, delays), ends,
             JobState::delayed);
        break;
    case JobEnd::Kind::recheck:
        mark(transaction.exec(jobs_recheck, wikis, entities, tokens, generations, delays), ends,
             JobState::delayed);
        break;
    case JobEnd::Kind::ask:
    case JobEnd::Kind::confirm: {
        const auto rows = transaction.exec(jobs_ask, wikis, entities, tokens, generations, delays);
        mark(rows, ends, kind == JobEnd::Kind::ask ? JobState::again : JobState::delayed);
        if (!rows.empty())
            notify_jobs_ready(transaction);
        break;
    }
    case JobEnd::Kind::defer:
        mark(transaction.exec(jobs_deferred, wikis, entities, tokens, generations, delays), ends,
             JobState::delayed);
        break;
    case JobEnd::Kind::bury:
        mark(transaction.exec(jobs_dead, wikis, entities, tokens, generations, reasons), ends,
             JobState::dead);
        break;
    }
}

// a success makes an older failure of the entity history
void forget_dead(Transaction& transaction, const std::vector<JobEnd*>& sorted) {
    TextArray wikis, entities;
    BigintArray revisions;
    for (const JobEnd* end : sorted) {
        if (end->state != JobState::ended)
            continue;
        wikis.add(end->lease->key.wiki);
        entities.add(end->lease->key.entity.to_string());
        revisions.add(std::max(end->revision, end->lease->revision));
    }
    if (!wikis.empty())
        transaction.exec(dead_jobs_done, wikis, entities, revisions);
}

void make_ready_again(Transaction& transaction, const std::vector<JobEnd*>& sorted) {
    std::vector<JobEnd*> ends;
    Columns columns;
    for (JobEnd* end : sorted) {
        if (end->state != JobState::lost)
            continue;
        ends.push_back(end);
        columns.add(*end);
    }
    if (ends.empty())
        return;
    const auto rows = transaction.exec(jobs_again, columns.wikis, columns.entities, columns.tokens);
    mark(rows, ends, JobState::again);
    if (!rows.empty())
        notify_jobs_ready(transaction);
}

} // namespace

void end_jobs(Transaction& transaction, std::vector<JobEnd>& ends) {
    std::vector<JobEnd*> sorted;
    for (JobEnd& end : ends) {
        end.state = end.lease->token == 0 ? JobState::none : JobState::lost;
        if (end.lease->token != 0)
            sorted.push_back(&end);
    }
    std::sort(sorted.begin(), sorted.end(),
              [](const JobEnd* a, const JobEnd* b) { return a->lease->key < b->lease->key; });
    run_kind(transaction, sorted, JobEnd::Kind::done);
    run_kind(transaction, sorted, JobEnd::Kind::delay);
    run_kind(transaction, sorted, JobEnd::Kind::defer);
    run_kind(transaction, sorted, JobEnd::Kind::bury);
    run_kind(transaction, sorted, JobEnd::Kind::recheck);
    run_kind(transaction, sorted, JobEnd::Kind::ask);
    run_kind(transaction, sorted, JobEnd::Kind::confirm);
    forget_dead(transaction, sorted);
    make_ready_again(transaction, sorted);
}

void notify_jobs_ready(Transaction& transaction) { transaction.exec(notify_ready, job_channel); }

EntityKey read_key(const pqxx::field& wiki, const pqxx::field& entity) {
    const auto id = entity::EntityId::parse(entity.as<std::string>());
    if (!id)
        throw base::Error(base::ExitCode::software, "the database contains an invalid entity id: " +
                                                        entity.as<std::string>());
    return {wiki.as<std::string>(), *id};
}

std::vector<JobState> JobTable::fail(std::span<const Failure> failures) {
    std::vector<JobState> states;
    if (failures.empty())
        return states;
    std::vector<JobEnd> ends;
    for (const Failure& failure : failures)
        ends.push_back({failure.lease,
                        failure.retry.dead        ? JobEnd::Kind::bury
                        : failure.retry.blameless ? JobEnd::Kind::defer
                                                  : JobEnd::Kind::delay,
                        failure.retry.delay, failure.reason});
    session_.impl().run([&](Transaction& transaction) { end_jobs(transaction, ends); });
    for (const JobEnd& end : ends)
        states.push_back(end.state);
    return states;
}

} // namespace runner::store
