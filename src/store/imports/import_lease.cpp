// SPDX-License-Identifier: GPL-2.0-or-later
// Working on imports: leases, chunks, attempts that fail. See import_store.hpp.
#include "store/common/session_impl.hpp"
#include "store/imports/import_store.hpp"
#include "store/imports/import_text.hpp"

#include <algorithm>

namespace runner::store {

namespace {

// wikis take turns, and in a wiki its imports do: few rows are active at a time
constexpr Statement lease_import{"lease_import", R"(
WITH picked AS MATERIALIZED (
    SELECT i.id FROM constraint_runner.import i
    WHERE i.state = 'active' AND i.wiki = ANY ($1::text[]) AND i.kind = ANY ($2::text[])
      AND i.due_at <= statement_timestamp()
      AND (i.lease_until IS NULL OR i.lease_until <= statement_timestamp())
      AND NOT EXISTS (SELECT FROM constraint_runner.pause p WHERE p.wiki IN ('', i.wiki))
    ORDER BY (SELECT max(o.worked_at) FROM constraint_runner.import o
              WHERE o.state = 'active' AND o.wiki = i.wiki) NULLS FIRST,
             i.worked_at NULLS FIRST, i.id
    LIMIT 1 FOR UPDATE SKIP LOCKED)
UPDATE constraint_runner.import i SET
    lease_token = nextval('constraint_runner.check_number'), lease_owner = $3,
    lease_until = statement_timestamp() + $4::bigint * interval '1 millisecond',
    worked_at = statement_timestamp(),
    started_at = coalesce(i.started_at, statement_timestamp())
FROM picked WHERE i.id = picked.id
RETURNING i.id, i.wiki, coalesce(i.base_id, 0), i.kind, i.subject, i.parameters, i.position, i.details,
    i.total, i.total_known, i.done, i.rate, i.chunk_size, i.attempts, i.lease_token,
    i.retry_to IS NOT NULL, i.counts, i.failed, i.owner)"};

constexpr Statement read_counts{"read_counts",
                                "SELECT key, value::bigint FROM json_each_text($1::json)"};

constexpr Statement heartbeat_imports{"heartbeat_imports", R"(
UPDATE constraint_runner.import SET
    lease_until = statement_timestamp() + $2::bigint * interval '1 millisecond'
WHERE lease_token = ANY ($1::bigint[]) AND state = 'active')"};

constexpr Statement hold_import{"hold_import", R"(
SELECT FROM constraint_runner.import
WHERE id = $1 AND lease_token = $2 AND state = 'active' FOR UPDATE)"};

constexpr Statement save_import{"save_import", R"(
UPDATE constraint_runner.import SET
    position = CASE WHEN $2 THEN $3 END, counts = $4::json, details = $5::json,
    total = CASE WHEN $6::bigint >= 0 THEN $6::bigint END, total_known = $7,
    done = greatest(0, done + $8::bigint), failed = greatest(0, failed + $9::bigint), rate = $10,
    chunk_size = $11, current = $12,
    retry_after = CASE WHEN $13::bigint > 0 THEN $13::bigint ELSE retry_after END,
    attempts = 0, error = NULL, error_code = NULL, worked_at = clock_timestamp()
WHERE id = $1)"};

constexpr Statement end_import{"end_import", R"(
UPDATE constraint_runner.import SET
    state = 'complete', ended_at = statement_timestamp(), lease_token = NULL, lease_owner = NULL,
    lease_until = NULL, retry_after = NULL, retry_to = NULL
WHERE id = $1)"};

constexpr Statement add_import_problems{"add_import_problems", R"(
INSERT INTO constraint_runner.import_problem (import_id, code, item, reason, retryable, counted)
SELECT $1, code, item, reason, retryable, counted
FROM unnest($2::text[], $3::text[], $4::text[], $5::boolean[], $6::boolean[]) WITH ORDINALITY
     AS p(code, item, reason, retryable, counted, n) ORDER BY n)"};

// most imports have no problem at all, and look up none then
constexpr Statement drop_item_problems{"drop_item_problems", R"(
DELETE FROM constraint_runner.import_problem
WHERE import_id = $1 AND item = ANY ($2::text[])
  AND EXISTS (SELECT FROM constraint_runner.import_problem WHERE import_id = $1)
RETURNING counted)"};

constexpr Statement drop_import_problems{"drop_import_problems", R"(
DELETE FROM constraint_runner.import_problem
WHERE import_id = $1 AND number = ANY ($2::bigint[])
RETURNING counted)"};

constexpr Statement release_import{"release_import", R"(
UPDATE constraint_runner.import SET
    lease_token = NULL, lease_owner = NULL, lease_until = NULL, worked_at = clock_timestamp(),
    due_at = clock_timestamp() + $3::bigint * interval '1 millisecond',
    current = CASE WHEN $4 = '' THEN current ELSE $4 END
WHERE id = $1 AND lease_token = $2)"};

constexpr Statement fail_import{"fail_import", R"(
UPDATE constraint_runner.import SET
    lease_token = NULL, lease_owner = NULL, lease_until = NULL, worked_at = clock_timestamp(),
    chunk_size = $6, attempts = attempts + $7::integer, error_code = $3, error = $4,
    due_at = clock_timestamp() + greatest($5::bigint, 0) * interval '1 millisecond',
    state = CASE WHEN $5::bigint < 0 THEN 'failed' ELSE state END,
    ended_at = CASE WHEN $5::bigint < 0 THEN statement_timestamp() END
WHERE id = $1 AND lease_token = $2 AND state = 'active')"};

constexpr Statement problems_to_retry{"problems_to_retry", R"(
SELECT p.number, p.code, p.item, p.reason
FROM constraint_runner.import i
JOIN constraint_runner.import_problem p ON p.import_id = i.id
WHERE i.id = $1 AND p.number > i.retry_after AND p.number <= i.retry_to AND p.retryable
ORDER BY p.number LIMIT $2)"};

void write_problems(Transaction& transaction, std::uint64_t id,
                    const std::vector<ImportProblem>& problems) {
    if (problems.empty())
        return;
    TextArray codes, items, reasons;
    BooleanArray retryable, counted;
    for (const ImportProblem& problem : problems) {
        codes.add(problem.code);
        items.add(problem.item);
        reasons.add(problem.reason);
        retryable.add(problem.retryable);
        counted.add(problem.counted);
    }
    transaction.exec(add_import_problems, id, codes, items, reasons, retryable, counted);
}

std::int64_t count_counted(const pqxx::result& rows) {
    return std::count_if(rows.begin(), rows.end(),
                         [](const auto& row) { return row[0].template as<bool>(); });
}

/// Problems that are gone with this step; how many of them were counted as failed.
std::int64_t drop_problems(Transaction& transaction, std::uint64_t id, const ImportStep& step) {
    std::int64_t dropped = 0;
    if (!step.retried.empty()) {
        BigintArray numbers;
        for (const std::uint64_t number : step.retried)
            numbers.add(number);
        dropped += count_counted(transaction.exec(drop_import_problems, id, numbers));
    }
    if (!step.looked_at.empty()) {
        TextArray items;
        for (const std::string& item : step.looked_at)
            items.add(item);
        dropped += count_counted(transaction.exec(drop_item_problems, id, items));
    }
    return dropped;
}

/// The sum of counts, whose names have a "+" between them.
std::int64_t sum_of(const ImportCounts& counts, std::string_view names) {
    std::int64_t sum = 0;
    while (!names.empty()) {
        const std::string_view name = names.substr(0, names.find('+'));
        if (const auto at = counts.find(name); at != counts.end())
            sum += at->second;
        names.remove_prefix(std::min(names.size(), name.size() + 1));
    }
    return sum;
}

} // namespace

std::optional<ImportLease> ImportStore::lease(std::string_view worker,
                                              std::span<const std::string> wikis,
                                              std::span<const std::string> kinds,
                                              std::chrono::milliseconds duration) {
    if (wikis.empty() || kinds.empty())
        return std::nullopt;
    TextArray wiki_names, kind_names;
    for (const std::string& wiki : wikis)
        wiki_names.add(wiki);
    for (const std::string& kind : kinds)
        kind_names.add(kind);
    return session_.impl().run([&](Transaction& transaction) -> std::optional<ImportLease> {
        const auto rows = transaction.exec(lease_import, wiki_names, kind_names,
                                           std::string(worker), duration.count());
        if (rows.empty())
            return std::nullopt;
        const auto& row = rows[0];
        ImportLease lease;
        lease.key = {row[0].as<std::uint64_t>(), row[1].as<std::string>(),
                     row[2].as<std::uint64_t>()};
        lease.kind = row[3].as<std::string>();
        lease.subject = row[4].as<std::string>();
        lease.parameters = row[5].as<std::string>();
        if (!row[6].is_null())
            lease.cursor = row[6].as<std::string>();
        lease.details = row[7].as<std::string>();
        if (!row[8].is_null())
            lease.total = ImportTotal{row[8].as<std::uint64_t>(), row[9].as<bool>()};
        lease.done = row[10].as<std::uint64_t>();
        lease.rate = row[11].as<double>();
        lease.chunk_size = row[12].as<std::uint32_t>();
        lease.attempts = row[13].as<std::uint32_t>();
        lease.token = row[14].as<std::uint64_t>();
        lease.retrying = row[15].as<bool>();
        lease.failed = row[17].as<std::uint64_t>();
        lease.owner = row[18].as<std::string>();
        for (const auto& count : transaction.exec(read_counts, row[16].as<std::string>()))
            lease.counts[count[0].as<std::string>()] = count[1].as<std::int64_t>();
        return lease;
    });
}

void ImportStore::heartbeat(std::span<const std::uint64_t> tokens,
                            std::chrono::milliseconds duration) {
    if (tokens.empty())
        return;
    BigintArray held;
    for (const std::uint64_t token : tokens)
        held.add(token);
    session_.impl().run([&](Transaction& transaction) {
        transaction.exec(heartbeat_imports, held, duration.count());
    });
}

bool ImportStore::save(ImportLease& lease, const ImportStep& step) {
    ImportCounts counts;
    std::int64_t done = 0;
    std::int64_t failed = 0;
    const bool saved = session_.impl().run([&](Transaction& transaction) {
        if (transaction.exec(hold_import, lease.key.id, lease.token).empty())
            return false;
        counts = lease.counts;
        if (step.rows != nullptr)
            step.rows->write(transaction, lease.key, counts);
        done = step.done_is.empty()
                   ? static_cast<std::int64_t>(step.done)
                   : sum_of(counts, step.done_is) - sum_of(lease.counts, step.done_is);
        failed = std::count_if(step.problems.begin(), step.problems.end(),
                               [](const ImportProblem& problem) { return problem.counted; }) -
                 drop_problems(transaction, lease.key.id, step);
        write_problems(transaction, lease.key.id, step.problems);
        transaction.exec(
            save_import, lease.key.id, lease.cursor.has_value(), lease.cursor.value_or(""),
            counts_text(counts), lease.details,
            lease.total ? static_cast<std::int64_t>(lease.total->count) : -1,
            lease.total && lease.total->known, done, failed, lease.rate, lease.chunk_size,
            step.current,
            step.retried.empty() ? 0 : *std::max_element(step.retried.begin(), step.retried.end()));
        if (step.complete)
            transaction.exec(end_import, lease.key.id);
        return true;
    });
    if (saved) {
        lease.counts = std::move(counts);
        lease.done += static_cast<std::uint64_t>(done); // may be less than nothing: it wraps
        lease.failed = static_cast<std::uint64_t>(
            std::max<std::int64_t>(0, static_cast<std::int64_t>(lease.failed) + failed));
        lease.attempts = 0;
    }
    return saved;
}

void ImportStore::release(const ImportLease& lease, std::chrono::milliseconds pause,
                          std::string_view current) {
    session_.impl().run([&](Transaction& transaction) {
        transaction.exec(release_import, lease.key.id, lease.token, pause.count(),
                         std::string(current));
    });
}

void ImportStore::fail(const ImportLease& lease, std::string_view code, std::string_view reason,
                       std::optional<std::chrono::milliseconds> pause, bool counts) {
    session_.impl().run([&](Transaction& transaction) {
        transaction.exec(fail_import, lease.key.id, lease.token, std::string(code),
                         std::string(reason), pause ? pause->count() : -1, lease.chunk_size,
                         counts ? 1 : 0);
    });
}

std::vector<ImportProblem> ImportStore::to_retry(const ImportLease& lease, std::uint32_t limit) {
    const auto rows = session_.impl().run([&](Transaction& transaction) {
        return transaction.exec(problems_to_retry, lease.key.id, limit);
    });
    std::vector<ImportProblem> problems;
    for (const auto& row : rows) {
        ImportProblem problem;
        problem.number = row[0].as<std::uint64_t>();
        problem.code = row[1].as<std::string>();
        problem.item = row[2].as<std::string>();
        problem.reason = row[3].as<std::string>();
        problems.push_back(std::move(problem));
    }
    return problems;
}

} // namespace runner::store
