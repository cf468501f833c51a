// SPDX-License-Identifier: GPL-2.0-or-later
// Ends of jobs: see job_ends.hpp. A job ends only for who holds its lease and began with the
// generation that is there; with another generation it is ready once more.
#include "store/job_ends.hpp"

#include "store/array.hpp"
#include "store/job_table.hpp"
#include "store/notification.hpp"

#include <algorithm>

namespace runner::store {

namespace {

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
    state = 'delayed', lease_owner = NULL, lease_token = NULL,
    due_at = statement_timestamp() + k.delay * interval '1 millisecond'
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[])
     WITH ORDINALITY AS k(wiki, entity, token, generation, delay, n)
WHERE j.wiki = k.wiki AND j.entity = k.entity
  AND j.lease_token = k.token AND j.generation = k.generation
RETURNING k.n - 1)"};

constexpr Statement jobs_dead{"jobs_dead", R"(
WITH gone AS (
    DELETE FROM constraint_runner.job j
    USING unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[])
          WITH ORDINALITY AS k(wiki, entity, token, generation, reason, n)
    WHERE j.wiki = k.wiki AND j.entity = k.entity
      AND j.lease_token = k.token AND j.generation = k.generation
    RETURNING j.*, k.reason, k.n),
buried AS (
    INSERT INTO constraint_runner.dead_job (wiki, entity, revision, priority, attempts, reason,
                                            died_at, document, document_revision)
    SELECT wiki, entity, revision, priority, attempts, reason, statement_timestamp(), document,
           document_revision
    FROM gone
    ON CONFLICT (wiki, entity) DO UPDATE SET
        revision = excluded.revision, priority = excluded.priority,
        attempts = excluded.attempts, reason = excluded.reason, died_at = excluded.died_at,
        document = excluded.document, document_revision = excluded.document_revision)
SELECT n - 1 FROM gone)"};

constexpr Statement jobs_again{"jobs_again", R"(
UPDATE constraint_runner.job j SET
    state = 'ready', lease_owner = NULL, lease_token = NULL, due_at = NULL, attempts = 0
FROM unnest($1::text[], $2::text[], $3::bigint[]) WITH ORDINALITY AS k(wiki, entity, token, n)
WHERE j.wiki = k.wiki AND j.entity = k.entity AND j.lease_token = k.token
RETURNING k.n - 1)"};

constexpr Statement notify_ready{"notify_ready", "SELECT pg_notify($1, '')"};

// a reason may quote any bytes; the dead list must be able to hold it
std::string printable(std::string_view text) {
    constexpr std::size_t max_bytes = 2'000;
    std::string clean;
    for (std::size_t i = 0; i < text.size() && clean.size() < max_bytes;) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t length = lead < 0x80                    ? 1
                                   : lead >= 0xC2 && lead <= 0xDF ? 2
                                   : lead >= 0xE1 && lead <= 0xEC ? 3 // without surrogates
                                                                  : 0;
        bool good = length != 0 && i + length <= text.size();
        for (std::size_t k = 1; good && k < length; ++k)
            good = (static_cast<unsigned char>(text[i + k]) & 0xC0) == 0x80;
        if (good && lead >= 0x20)
            clean.append(text.substr(i, length));
        else
            clean += lead < 0x20 ? ' ' : '?';
        i += good ? length : 1;
    }
    return clean;
}

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
        reasons.add(printable(end->reason));
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
    run_kind(transaction, sorted, JobEnd::Kind::bury);
    forget_dead(transaction, sorted);
    make_ready_again(transaction, sorted);
}

void notify_jobs_ready(Transaction& transaction) { transaction.exec(notify_ready, job_channel); }

EntityKey read_key(const pqxx::field& wiki, const pqxx::field& entity) {
    const auto id = entity::EntityId::parse(entity.as<std::string>());
    if (!id)
        throw base::Error(base::ExitCode::software,
                          "the database holds an entity id that is none: " +
                              entity.as<std::string>());
    return {wiki.as<std::string>(), *id};
}

void JobTable::fail(std::span<const Failure> failures) {
    if (failures.empty())
        return;
    std::vector<JobEnd> ends;
    for (const Failure& failure : failures)
        ends.push_back({failure.lease,
                        failure.retry.dead ? JobEnd::Kind::bury : JobEnd::Kind::delay,
                        failure.retry.delay, failure.reason});
    session_.impl().run([&](Transaction& transaction) { end_jobs(transaction, ends); });
}

} // namespace runner::store
