// SPDX-License-Identifier: GPL-2.0-or-later
// Leasing jobs, holding them and giving them back. See job_table.hpp.
#include "base/log_fields.hpp"
#include "store/common/array.hpp"
#include "store/common/session_impl.hpp"
#include "store/jobs/document_codec.hpp"
#include "store/jobs/job_ends.hpp"
#include "store/jobs/job_table.hpp"
#include "store/jobs/ready_cursor.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <string>
#include <tuple>

namespace runner::store {

namespace {

// A lease that ran out keeps its token: if its worker ends it after all before another took it,
// the job is over. It counts as one that ended with its process, not as an attempt.
constexpr Statement promote_due_jobs{"promote_due_jobs", R"(
WITH due AS MATERIALIZED (
    SELECT wiki, entity FROM constraint_runner.job
    WHERE state <> 'ready' AND due_at <= statement_timestamp()
      AND due_at >= timestamptz 'epoch' + $2::bigint * interval '1 microsecond'
    ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED)
UPDATE constraint_runner.job j SET
    state = CASE WHEN j.deaths + (j.state = 'leased')::integer >= 2 THEN 'delayed' ELSE 'ready'
            END::constraint_runner.job_state,
    due_at = CASE WHEN j.deaths + (j.state = 'leased')::integer >= 2 THEN timestamptz 'infinity' END,
    deaths = j.deaths + (j.state = 'leased')::integer,
    attempts = greatest(j.attempts - (j.state = 'leased')::integer, 0)
FROM due WHERE j.wiki = due.wiki AND j.entity = due.entity)"};

// What the store knows of the jobs that were picked; and what a lease is read from.
const std::string known_sql = R"(
known AS MATERIALIZED (
    SELECT p.wiki, p.entity, r.revision, r.newest, r.ask_always
    FROM picked p LEFT JOIN LATERAL (
        SELECT CASE WHEN tombstone = 0 THEN revision ELSE 0 END AS revision,
               greatest(newest_revision, revision) AS newest, ask_always
        FROM constraint_runner.entity_result
        WHERE wiki = p.wiki AND entity = p.entity OFFSET 0) r ON true)
)";
const std::string leased_sql = R"(
FROM known
WHERE j.wiki = known.wiki AND j.entity = known.entity
RETURNING j.wiki, j.entity, j.revision, j.priority, j.attempts, j.generation, j.lease_token,
    greatest(0, extract(epoch FROM statement_timestamp() - j.queued_at) * 1000000)::bigint,
    j.document_revision, j.deferrals, j.deaths, j.asks, j.confirm, j.rechecks,
    coalesce(known.revision, 0), coalesce(known.newest, 0), coalesce(known.ask_always, false))";

// Each share has ranges, which are read in their order: see ready_cursor.hpp. Jobs whose runner
// died go before the others of their range: becoming ready again has put them behind all that wait.
const std::string lease_jobs_sql = R"(
WITH picked AS MATERIALIZED (
    SELECT j.wiki, j.entity
    FROM unnest($1::text[], $2::integer[]) WITH ORDINALITY AS share(wiki, share_limit, n)
    CROSS JOIN LATERAL (
        SELECT p.wiki, p.entity
        FROM unnest($5::bigint[], $6::smallint[], $7::smallint[], $8::bigint[])
             AS range(share, highest, lowest, first)
        CROSS JOIN LATERAL (
            SELECT * FROM (
                SELECT wiki, entity FROM constraint_runner.job
                WHERE wiki = share.wiki AND state = 'ready' AND deaths > 0
                  AND priority <= range.highest AND priority >= range.lowest
                ORDER BY priority DESC, ready_at
                LIMIT share.share_limit FOR UPDATE SKIP LOCKED) given_back
            UNION ALL
            SELECT * FROM (
                SELECT wiki, entity FROM constraint_runner.job
                WHERE wiki = share.wiki AND state = 'ready' AND deaths = 0
                  AND priority <= range.highest AND priority >= range.lowest
                  AND ready_at >= timestamptz 'epoch' + range.first * interval '1 microsecond'
                ORDER BY priority DESC, ready_at
                LIMIT share.share_limit FOR UPDATE SKIP LOCKED) others) p
        WHERE range.share = share.n
        LIMIT CASE WHEN EXISTS (SELECT FROM constraint_runner.pause WHERE wiki IN ('', share.wiki))
                   THEN 0 ELSE share.share_limit END) j),
)" + known_sql + R"(UPDATE constraint_runner.job j SET
    state = 'leased', lease_owner = $3,
    lease_token = nextval('constraint_runner.check_number'), attempts = j.attempts + 1,
    due_at = statement_timestamp() + $4::bigint * interval '1 millisecond'
)" + leased_sql;

// Most were merely in flight when a process was killed: several at a time are tried once.
const std::string lease_suspects_sql = R"(
WITH unpaused AS MATERIALIZED (
    SELECT array(SELECT w FROM unnest($1::text[]) w WHERE NOT EXISTS (
        SELECT FROM constraint_runner.pause WHERE wiki IN ('', w))) AS wikis),
fewest AS MATERIALIZED (
    SELECT deaths FROM constraint_runner.job
    WHERE due_at = 'infinity' AND state = 'delayed' AND wiki = ANY ((SELECT wikis FROM unpaused)::text[])
    ORDER BY deaths LIMIT 1),
picked AS MATERIALIZED (
    SELECT wiki, entity FROM constraint_runner.job
    WHERE due_at = 'infinity' AND state = 'delayed' AND wiki = ANY ((SELECT wikis FROM unpaused)::text[])
      AND deaths = (SELECT deaths FROM fewest)
    ORDER BY deaths, queued_at
    LIMIT (SELECT CASE deaths WHEN $4::bigint THEN 16 ELSE 1 END FROM fewest)
    FOR UPDATE SKIP LOCKED),
)" + known_sql + R"(UPDATE constraint_runner.job j SET
    state = 'leased', lease_owner = $2,
    lease_token = nextval('constraint_runner.check_number'), attempts = j.attempts + 1,
    due_at = statement_timestamp() + $3::bigint * interval '1 millisecond'
)" + leased_sql;

constexpr Statement load_job_documents{"load_job_documents", R"(
SELECT k.n - 1, j.revision, j.generation, j.document_revision, j.document, j.asks
FROM unnest($1::text[], $2::text[], $3::bigint[]) WITH ORDINALITY AS k(wiki, entity, token, n)
JOIN constraint_runner.job j
  ON j.wiki = k.wiki AND j.entity = k.entity AND j.lease_token = k.token)"};

// A locked row is left out: the leases of the others must not run out while one is waited for. It
// is being ended, or gets its turn at the next beat.
constexpr Statement heartbeat_jobs{"heartbeat_jobs", R"(
WITH held AS MATERIALIZED (
    SELECT j.wiki, j.entity, k.n
    FROM unnest($1::text[], $2::text[], $3::bigint[]) WITH ORDINALITY AS k(wiki, entity, token, n)
    JOIN constraint_runner.job j
      ON j.wiki = k.wiki AND j.entity = k.entity AND j.lease_token = k.token
    FOR UPDATE OF j SKIP LOCKED)
UPDATE constraint_runner.job j SET
    state = 'leased', due_at = statement_timestamp() + $4::bigint * interval '1 millisecond'
FROM held WHERE j.wiki = held.wiki AND j.entity = held.entity
RETURNING held.n - 1)"};

constexpr Statement release_jobs{"release_jobs", R"(
UPDATE constraint_runner.job j SET
    state = CASE WHEN j.deaths >= 2 THEN 'delayed' ELSE 'ready' END::constraint_runner.job_state,
    due_at = CASE WHEN j.deaths >= 2 THEN timestamptz 'infinity' END,
    lease_owner = NULL, lease_token = NULL, attempts = greatest(j.attempts - 1, 0)
FROM unnest($1::text[], $2::text[], $3::bigint[]) AS k(wiki, entity, token)
WHERE j.wiki = k.wiki AND j.entity = k.entity AND j.lease_token = k.token)"};

// keys and tokens in the order in which every transaction locks rows
struct Keys {
    explicit Keys(std::span<const Lease> leases) {
        for (const Lease& lease : leases)
            sorted.push_back(&lease);
        std::sort(sorted.begin(), sorted.end(),
                  [](const Lease* a, const Lease* b) { return a->key < b->key; });
        for (const Lease* lease : sorted) {
            wikis.add(lease->key.wiki);
            entities.add(lease->key.entity.to_string());
            tokens.add(lease->token);
        }
    }
    TextArray wikis, entities;
    BigintArray tokens;
    std::vector<const Lease*> sorted;
};

std::vector<Lease> read_leases(const pqxx::result& rows) {
    std::vector<Lease> taken;
    for (const auto& row : rows) {
        Lease lease;
        lease.key = read_key(row[0], row[1]);
        lease.revision = row[2].as<std::uint64_t>();
        lease.priority = row[3].as<std::int16_t>();
        lease.attempts = row[4].as<std::uint32_t>();
        lease.generation = row[5].as<std::uint64_t>();
        lease.token = row[6].as<std::uint64_t>();
        lease.age = std::chrono::microseconds(row[7].as<std::int64_t>());
        lease.has_document = !row[8].is_null();
        lease.document_revision = row[8].as<std::uint64_t>(0);
        lease.deferrals = row[9].as<std::uint32_t>();
        lease.deaths = row[10].as<std::uint32_t>();
        lease.asks = row[11].as<bool>();
        lease.confirm = row[12].as<bool>();
        lease.rechecks = row[13].as<std::uint32_t>();
        lease.known = {row[14].as<std::uint64_t>(), row[15].as<std::uint64_t>(),
                       row[16].as<bool>()};
        taken.push_back(std::move(lease));
    }
    return taken;
}

} // namespace

std::uint64_t JobTable::promote_due(std::uint32_t limit) {
    if (limit == 0)
        return 0;
    return session_.impl().run([&](Transaction& transaction) {
        plan_by_order(transaction);
        return static_cast<std::uint64_t>(
            transaction.exec(promote_due_jobs, limit, cursor_->due()).affected_rows());
    });
}

std::vector<Lease> JobTable::lease(std::string_view worker, std::span<const WikiShare> shares,
                                   std::chrono::milliseconds duration) {
    TextArray wikis;
    IntegerArray limits;
    BigintArray range_shares, firsts;
    SmallintArray highest, lowest;
    for (const WikiShare& share : shares) {
        if (share.limit == 0)
            continue;
        wikis.add(share.wiki);
        limits.add(share.limit);
        for (const auto& range : cursor_->ranges(share.wiki, share.min_priority)) {
            range_shares.add(limits.size());
            highest.add(range.highest);
            lowest.add(range.lowest);
            firsts.add(range.from);
        }
    }
    if (wikis.empty())
        return {};
    auto leases = session_.impl().run([&](Transaction& transaction) {
        plan_by_order(transaction);
        return read_leases(transaction.exec({"lease_jobs", lease_jobs_sql.c_str()}, wikis, limits,
                                            std::string(worker), duration.count(), range_shares,
                                            highest, lowest, firsts));
    });
    for (const Lease& lease : leases)
        cursor_->note(lease.key.wiki, lease.priority);
    std::sort(leases.begin(), leases.end(), [](const Lease& a, const Lease& b) {
        return std::tuple(-a.priority, -a.age.count()) < std::tuple(-b.priority, -b.age.count());
    });
    return leases;
}

JobTable::JobTable(Session& session)
    : session_(session), cursor_(std::make_unique<ReadyCursor>()) {}

JobTable::JobTable(JobTable&&) noexcept = default;

JobTable::~JobTable() = default;

void JobTable::move_on() {
    session_.impl().run([&](Transaction& transaction) {
        plan_by_order(transaction);
        cursor_->move_on(transaction);
    });
}

std::vector<Lease> JobTable::lease_suspects(std::string_view worker,
                                            std::span<const std::string> wikis,
                                            std::chrono::milliseconds duration) {
    TextArray names;
    for (const std::string& wiki : wikis)
        names.add(wiki);
    if (names.empty())
        return {};
    return session_.impl().run([&](Transaction& transaction) {
        plan_by_order(transaction);
        return read_leases(transaction.exec({"lease_suspects", lease_suspects_sql.c_str()}, names,
                                            std::string(worker), duration.count(),
                                            Lease::suspect_deaths));
    });
}

void JobTable::load_documents(std::span<Lease> leases) {
    std::vector<Lease*> wanted;
    TextArray wikis, entities;
    BigintArray tokens;
    for (Lease& lease : leases) {
        if (!lease.has_document || lease.document)
            continue;
        wanted.push_back(&lease);
        wikis.add(lease.key.wiki);
        entities.add(lease.key.entity.to_string());
        tokens.add(lease.token);
    }
    if (wanted.empty())
        return;
    const auto rows = session_.impl().read(load_job_documents, wikis, entities, tokens);
    for (Lease* lease : wanted)
        lease->has_document = false;
    for (const auto& row : rows) {
        Lease& lease = *wanted.at(row[0].as<std::size_t>());
        lease.revision = row[1].as<std::uint64_t>();
        lease.generation = row[2].as<std::uint64_t>();
        lease.asks = row[5].as<bool>();
        lease.has_document = !row[4].is_null();
        if (!lease.has_document)
            continue;
        lease.document_revision = row[3].as<std::uint64_t>();
        try {
            lease.document =
                std::make_shared<const std::string>(decompress_document(read_bytes(row[4])));
        } catch (const base::DataError& error) {
            // the others are not to wait for it; the wiki's source may have the entity
            const base::LogFields fields{{"wiki", lease.key.wiki},
                                         {"entity", lease.key.entity.to_string()}};
            spdlog::error("job of {} of {}: {}", lease.key.entity.to_string(), lease.key.wiki,
                          error.what());
            lease.has_document = false;
        }
    }
}

std::vector<bool> JobTable::heartbeat(std::span<const Lease> leases,
                                      std::chrono::milliseconds duration) {
    std::vector<bool> held(leases.size(), false);
    if (leases.empty())
        return held;
    Keys keys(leases);
    const auto rows = session_.impl().run([&](Transaction& transaction) {
        return transaction.exec(heartbeat_jobs, keys.wikis, keys.entities, keys.tokens,
                                duration.count());
    });
    for (const auto& row : rows)
        held[static_cast<std::size_t>(keys.sorted.at(row[0].as<std::size_t>()) - leases.data())] =
            true;
    return held;
}

void JobTable::release(std::span<const Lease> leases) {
    if (leases.empty())
        return;
    Keys keys(leases);
    session_.impl().run([&](Transaction& transaction) {
        transaction.exec(release_jobs, keys.wikis, keys.entities, keys.tokens);
        notify_jobs_ready(transaction);
    });
}

} // namespace runner::store
