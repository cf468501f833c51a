// SPDX-License-Identifier: GPL-2.0-or-later
// Leasing jobs, holding them and giving them back. See job_table.hpp.
#include "store/array.hpp"
#include "store/document_codec.hpp"
#include "store/job_ends.hpp"
#include "store/job_table.hpp"
#include "store/session_impl.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <tuple>

namespace runner::store {

namespace {

// A lease that ran out keeps its token: if its worker ends it after all before another took it,
// the job is over.
constexpr Statement promote_due_jobs{"promote_due_jobs", R"(
WITH due AS MATERIALIZED (
    SELECT wiki, entity FROM constraint_runner.job
    WHERE state <> 'ready' AND due_at <= statement_timestamp()
    ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED)
UPDATE constraint_runner.job j SET state = 'ready', due_at = NULL
FROM due WHERE j.wiki = due.wiki AND j.entity = due.entity)"};

// one step of the index for each wiki, however many jobs it has
constexpr Statement list_ready_wikis{"list_ready_wikis", R"(
WITH RECURSIVE found AS (
    (SELECT wiki FROM constraint_runner.job WHERE state = 'ready' ORDER BY wiki LIMIT 1)
    UNION ALL
    SELECT (SELECT j.wiki FROM constraint_runner.job j
            WHERE j.state = 'ready' AND j.wiki > found.wiki ORDER BY j.wiki LIMIT 1)
    FROM found WHERE found.wiki IS NOT NULL)
SELECT wiki FROM found WHERE wiki IS NOT NULL)"};

constexpr Statement lease_jobs{"lease_jobs", R"(
WITH picked AS MATERIALIZED (
    SELECT j.wiki, j.entity
    FROM unnest($1::text[], $2::integer[]) AS share(wiki, share_limit)
    CROSS JOIN LATERAL (
        SELECT wiki, entity FROM constraint_runner.job
        WHERE wiki = share.wiki AND state = 'ready'
        ORDER BY priority DESC, queued_at
        LIMIT share.share_limit FOR UPDATE SKIP LOCKED) j),
number AS MATERIALIZED (
    SELECT nextval('constraint_runner.check_number') AS token WHERE EXISTS (SELECT FROM picked))
UPDATE constraint_runner.job j SET
    state = 'leased', lease_owner = $3, lease_token = number.token, attempts = j.attempts + 1,
    due_at = statement_timestamp() + $4::bigint * interval '1 millisecond'
FROM picked, number
WHERE j.wiki = picked.wiki AND j.entity = picked.entity
RETURNING j.wiki, j.entity, j.revision, j.priority, j.attempts, j.generation, j.lease_token,
    greatest(0, extract(epoch FROM statement_timestamp() - j.queued_at) * 1000000)::bigint,
    j.document_revision)"};

constexpr Statement load_job_documents{"load_job_documents", R"(
SELECT k.n - 1, j.revision, j.generation, j.document_revision, j.document
FROM unnest($1::text[], $2::text[], $3::bigint[]) WITH ORDINALITY AS k(wiki, entity, token, n)
JOIN constraint_runner.job j
  ON j.wiki = k.wiki AND j.entity = k.entity AND j.lease_token = k.token)"};

constexpr Statement heartbeat_jobs{"heartbeat_jobs", R"(
UPDATE constraint_runner.job j SET
    state = 'leased', due_at = statement_timestamp() + $4::bigint * interval '1 millisecond'
FROM unnest($1::text[], $2::text[], $3::bigint[]) WITH ORDINALITY AS k(wiki, entity, token, n)
WHERE j.wiki = k.wiki AND j.entity = k.entity AND j.lease_token = k.token
RETURNING k.n - 1)"};

constexpr Statement release_jobs{"release_jobs", R"(
UPDATE constraint_runner.job j SET
    state = 'ready', due_at = NULL, lease_owner = NULL, lease_token = NULL,
    attempts = greatest(j.attempts - 1, 0)
FROM unnest($1::text[], $2::text[], $3::bigint[]) AS k(wiki, entity, token)
WHERE j.wiki = k.wiki AND j.entity = k.entity AND j.lease_token = k.token)"};

constexpr Statement release_worker_jobs{"release_worker_jobs", R"(
UPDATE constraint_runner.job SET
    state = 'ready', due_at = NULL, lease_owner = NULL, lease_token = NULL
WHERE state = 'leased' AND state <> 'ready' AND lease_owner = $1)"};

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

} // namespace

std::uint64_t JobTable::promote_due(std::uint32_t limit) {
    if (limit == 0)
        return 0;
    return session_.impl().run([&](Transaction& transaction) {
        return std::uint64_t{transaction.exec(promote_due_jobs, limit).affected_rows()};
    });
}

std::vector<std::string> JobTable::ready_wikis() {
    return session_.impl().run([&](Transaction& transaction) {
        std::vector<std::string> wikis;
        for (const auto& row : transaction.exec(list_ready_wikis))
            wikis.push_back(row[0].as<std::string>());
        return wikis;
    });
}

std::vector<Lease> JobTable::lease(std::string_view worker, std::span<const WikiShare> shares,
                                   std::chrono::milliseconds duration) {
    TextArray wikis;
    IntegerArray limits;
    for (const WikiShare& share : shares) {
        if (share.limit == 0)
            continue;
        wikis.add(share.wiki);
        limits.add(share.limit);
    }
    if (wikis.empty())
        return {};
    auto leases = session_.impl().run([&](Transaction& transaction) {
        std::vector<Lease> taken;
        for (const auto& row :
             transaction.exec(lease_jobs, wikis, limits, std::string(worker), duration.count())) {
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
            taken.push_back(std::move(lease));
        }
        return taken;
    });
    std::sort(leases.begin(), leases.end(), [](const Lease& a, const Lease& b) {
        return std::tuple(-a.priority, -a.age.count()) < std::tuple(-b.priority, -b.age.count());
    });
    return leases;
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
    const auto rows = session_.impl().run([&](Transaction& transaction) {
        return transaction.exec(load_job_documents, wikis, entities, tokens);
    });
    for (Lease* lease : wanted)
        lease->has_document = false;
    for (const auto& row : rows) {
        Lease& lease = *wanted.at(row[0].as<std::size_t>());
        lease.revision = row[1].as<std::uint64_t>();
        lease.generation = row[2].as<std::uint64_t>();
        lease.has_document = !row[4].is_null();
        if (!lease.has_document)
            continue;
        lease.document_revision = row[3].as<std::uint64_t>();
        const pqxx::binarystring bytes(row[4]);
        try {
            lease.document = std::make_shared<const std::string>(decompress_document(
                {static_cast<const char*>(static_cast<const void*>(bytes.data())), bytes.size()}));
        } catch (const base::DataError& error) {
            // the others are not to wait for it; the wiki's source may have the entity
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

std::uint64_t JobTable::release_worker(std::string_view worker) {
    return session_.impl().run([&](Transaction& transaction) {
        return std::uint64_t{
            transaction.exec(release_worker_jobs, std::string(worker)).affected_rows()};
    });
}

} // namespace runner::store
