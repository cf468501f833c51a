// SPDX-License-Identifier: GPL-2.0-or-later
// Asking for imports, looking at them, stopping and forgetting them. See import_store.hpp; how they
// are worked on is in import_lease.cpp.
#include "store/import_store.hpp"

#include "store/import_text.hpp"
#include "store/session_impl.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace runner::store {

namespace {

constexpr std::uint32_t forgotten_at_once = 10'000; // rows of files

// the statement is repeated when the one that was in the way ends between its two halves
constexpr Statement create_import{"create_import", R"(
WITH asked AS (
    SELECT $1::text AS wiki, $2::text AS kind, $3::text AS subject,
           md5($2::text || E'\n' || $3::text)::uuid AS subject_key),
made AS (
    INSERT INTO constraint_runner.import (wiki, kind, subject, subject_key, parameters, counts,
                                          label, base_id)
    SELECT wiki, kind, subject, subject_key, $4::json, $5::json, $7,
        CASE WHEN $6::bigint > 0 THEN $6::bigint ELSE (
            SELECT max(b.id) FROM constraint_runner.import b
            WHERE b.wiki = asked.wiki AND b.subject_key = asked.subject_key
              AND b.state = 'complete' AND b.data_deleted_at IS NULL) END
    FROM asked
    ON CONFLICT (wiki, subject_key) WHERE state IN ('active', 'paused') DO NOTHING
    RETURNING id)
SELECT id, true FROM made
UNION ALL
SELECT i.id, false FROM constraint_runner.import i, asked
WHERE i.wiki = asked.wiki AND i.subject_key = asked.subject_key
  AND i.state IN ('active', 'paused') AND NOT EXISTS (SELECT FROM made))"};

constexpr Statement list_pages_of{"list_pages_of", R"(
INSERT INTO constraint_runner.import_item (import_id, number, asked, known_name, known_at)
SELECT $1, row_number() OVER (ORDER BY page_id), page_id::text, name, latest_at
FROM constraint_runner.commons_file WHERE import_id = $2 AND change < 4)"};

#define RUNNER_IMPORT_STATUS                                                                       \
    "CASE WHEN i.state <> 'active' THEN i.state::text "                                            \
    "WHEN i.error IS NOT NULL AND i.lease_token IS NULL THEN 'waiting' "                           \
    "WHEN i.started_at IS NULL THEN 'queued' ELSE 'running' END"
#define RUNNER_TIME(column)                                                                        \
    "to_char(" column " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
#define RUNNER_IMPORT_COLUMNS                                                                      \
    "SELECT i.id, i.wiki, i.kind, i.subject, " RUNNER_IMPORT_STATUS ", i.total, i.total_known, "   \
    "i.done, i.failed, i.rate, i.chunk_size, i.attempts, i.retry_to IS NOT NULL, i.current, "      \
    "i.counts, i.details, i.error_code, i.error, " RUNNER_TIME("i.created_at") ", "                \
    RUNNER_TIME("i.started_at") ", " RUNNER_TIME("i.ended_at") ", "                                \
    "CASE WHEN i.state = 'active' AND i.error IS NOT NULL THEN " RUNNER_TIME("i.due_at") " END, "  \
    "coalesce(i.base_id, 0), " RUNNER_TIME("i.data_deleted_at") ", i.label "                       \
    "FROM constraint_runner.import i "

constexpr Statement get_import{"get_import", RUNNER_IMPORT_COLUMNS "WHERE i.id = $1"};

constexpr Statement list_imports{"list_imports", RUNNER_IMPORT_COLUMNS R"(
WHERE ($1 = '' OR i.wiki = $1) AND ($5 = '' OR i.label = $5) AND ($2 = '' OR )" RUNNER_IMPORT_STATUS R"( = $2)
  AND ($4::bigint = 0 OR i.id < $4::bigint)
ORDER BY i.id DESC LIMIT $3)"};

constexpr Statement count_imports{"count_imports", "SELECT i.kind, " RUNNER_IMPORT_STATUS
    ", count(*) FROM constraint_runner.import i GROUP BY 1, 2 ORDER BY 1, 2"};

constexpr Statement list_import_problems{"list_import_problems", R"(
SELECT p.number, p.code, p.item, p.reason, p.retryable, p.counted, )" RUNNER_TIME("p.noted_at") R"(
FROM constraint_runner.import_problem p
WHERE p.import_id = $1 AND p.number > $2::bigint
ORDER BY p.number LIMIT $3)"};

constexpr Statement import_exists{"import_exists",
                                  "SELECT FROM constraint_runner.import WHERE id = $1"};

constexpr Statement lock_import{"lock_import", R"(
SELECT i.state::text, )" RUNNER_IMPORT_STATUS R"(,
    EXISTS (SELECT FROM constraint_runner.import_problem p
            WHERE p.import_id = i.id AND p.retryable),
    coalesce((SELECT min(o.id) FROM constraint_runner.import o
              WHERE o.wiki = i.wiki AND o.subject_key = i.subject_key AND o.id <> i.id
                AND o.state IN ('active', 'paused')), 0)
FROM constraint_runner.import i WHERE i.id = $1 FOR UPDATE OF i)"};

// a lease that somebody holds is lost with this: its chunk finds another state or token
constexpr Statement set_import_state{"set_import_state", R"(
UPDATE constraint_runner.import SET
    state = $2::constraint_runner.import_state,
    ended_at = CASE WHEN $2 = 'cancelled' THEN statement_timestamp() END,
    due_at = statement_timestamp(), lease_token = NULL, lease_owner = NULL, lease_until = NULL,
    attempts = 0,
    error = CASE WHEN $2 <> 'active' THEN error END,
    error_code = CASE WHEN $2 <> 'active' THEN error_code END
WHERE id = $1)"};

constexpr Statement retry_import_problems{"retry_import_problems", R"(
UPDATE constraint_runner.import SET retry_after = 0, retry_to = (
    SELECT max(number) FROM constraint_runner.import_problem WHERE import_id = $1)
WHERE id = $1)"};

// what others are being compared with stays, and goes when they are over
constexpr Statement find_forgettable{"find_forgettable", R"(
SELECT i.id FROM constraint_runner.import i
WHERE i.state NOT IN ('active', 'paused')
  AND i.ended_at <= statement_timestamp() - $1::bigint * interval '1 millisecond'
  AND NOT EXISTS (SELECT FROM constraint_runner.import o
                  WHERE o.base_id = i.id AND o.state IN ('active', 'paused'))
ORDER BY i.ended_at LIMIT 1 FOR UPDATE SKIP LOCKED)"};

constexpr Statement find_deleted{"find_deleted", R"(
SELECT i.id FROM constraint_runner.import i
WHERE i.data_deleted_at IS NOT NULL
  AND EXISTS (SELECT FROM constraint_runner.commons_file f WHERE f.import_id = i.id)
LIMIT 1 FOR UPDATE SKIP LOCKED)"};

constexpr Statement forget_files{"forget_files", R"(
WITH gone AS MATERIALIZED (
    SELECT page_id FROM constraint_runner.commons_file
    WHERE import_id = $1 ORDER BY page_id LIMIT $2)
DELETE FROM constraint_runner.commons_file f USING gone
WHERE f.import_id = $1 AND f.page_id = gone.page_id)"};

constexpr Statement mark_deleted{"mark_deleted", R"(
UPDATE constraint_runner.import SET data_deleted_at = statement_timestamp()
WHERE id = $1 AND data_deleted_at IS NULL)"};
constexpr Statement delete_items{"delete_items",
                                 "DELETE FROM constraint_runner.import_item WHERE import_id = $1"};
constexpr Statement delete_problems{
    "delete_problems", "DELETE FROM constraint_runner.import_problem WHERE import_id = $1"};

constexpr Statement forget_import{"forget_import",
                                  "DELETE FROM constraint_runner.import WHERE id = $1"};

constexpr Statement count_fresh_edits{"count_fresh_edits", R"(
SELECT count(*) FROM (
    SELECT FROM unnest($1::text[]) AS w(wiki)
    CROSS JOIN LATERAL (
        SELECT FROM constraint_runner.job
        WHERE wiki = w.wiki AND state = 'ready' AND priority >= 0
        ORDER BY priority DESC LIMIT $2) j
    LIMIT $2) AS counted)"};

std::string text_or_empty(const pqxx::field& field) {
    return field.is_null() ? std::string() : field.as<std::string>();
}

ImportRow read_row(const pqxx::row& row) {
    ImportRow import;
    import.id = row[0].as<std::uint64_t>();
    import.wiki = row[1].as<std::string>();
    import.kind = row[2].as<std::string>();
    import.subject = row[3].as<std::string>();
    import.status = row[4].as<std::string>();
    if (!row[5].is_null())
        import.total = ImportTotal{row[5].as<std::uint64_t>(), row[6].as<bool>()};
    import.done = row[7].as<std::uint64_t>();
    import.failed = row[8].as<std::uint64_t>();
    import.rate = row[9].as<double>();
    import.chunk_size = row[10].as<std::uint32_t>();
    import.attempts = row[11].as<std::uint32_t>();
    import.retrying = row[12].as<bool>();
    import.current = row[13].as<std::string>();
    import.counts = row[14].as<std::string>();
    import.details = row[15].as<std::string>();
    import.error_code = text_or_empty(row[16]);
    import.error = text_or_empty(row[17]);
    import.created_at = row[18].as<std::string>();
    import.started_at = text_or_empty(row[19]);
    import.ended_at = text_or_empty(row[20]);
    import.next_attempt = text_or_empty(row[21]);
    import.base_id = row[22].as<std::uint64_t>();
    import.data_deleted_at = text_or_empty(row[23]);
    import.label = row[24].as<std::string>();
    return import;
}

struct Wanted {
    const char* state = nullptr; ///< null: nothing is to be done
    bool problems = false;       ///< what failed, once more
    std::string refusal;
};

/// What an action means for an import that is in `state`.
Wanted wanted(ImportAction action, const std::string& state, bool has_problems,
              std::uint64_t other) {
    const bool over = state != "active" && state != "paused";
    const std::string in_the_way =
        other == 0 ? "" : fmt::format("import {} of the same subject is under way", other);
    switch (action) {
    case ImportAction::pause:
        return over ? Wanted{nullptr, false, "it is over"}
                    : Wanted{state == "active" ? "paused" : nullptr, false, {}};
    case ImportAction::resume:
        return over ? Wanted{nullptr, false, "it is over; retry goes on with what failed"}
                    : Wanted{state == "paused" ? "active" : nullptr, false, {}};
    case ImportAction::cancel:
        return over ? Wanted{nullptr, false, state == "cancelled" ? "" : "it is over"}
                    : Wanted{"cancelled", false, {}};
    case ImportAction::retry:
        break;
    }
    if (!over)
        return {nullptr, false, "it is not over yet"};
    if (!in_the_way.empty())
        return {nullptr, false, in_the_way};
    if (state != "complete")
        return {"active", false, {}};
    if (!has_problems)
        return {nullptr, false, "nothing failed that could be tried again"};
    return {"active", true, {}};
}

} // namespace

std::string counts_text(const ImportCounts& counts) {
    std::string text = "{";
    for (const auto& [name, count] : counts)
        text += fmt::format("{}\"{}\":{}", text.size() == 1 ? "" : ",", name, count);
    return text + '}';
}

ImportAccepted ImportStore::create(const NewImport& import) {
    for (;;) {
        const auto rows = session_.impl().run([&](Transaction& transaction) {
            const auto made =
                transaction.exec(create_import, import.wiki, import.kind, import.subject,
                                 import.parameters, counts_text(import.counts), import.list_of,
                                 import.label);
            if (!made.empty() && made[0][1].as<bool>() && import.list_of != 0)
                transaction.exec(list_pages_of, made[0][0].as<std::uint64_t>(), import.list_of);
            if (!made.empty() && made[0][1].as<bool>())
                add_items(transaction, made[0][0].as<std::uint64_t>(), import.items,
                          import.known_names, import.known_times);
            return made;
        });
        if (!rows.empty())
            return {rows[0][0].as<std::uint64_t>(), rows[0][1].as<bool>()};
    }
}

std::optional<ImportRow> ImportStore::get(std::uint64_t id) {
    const auto rows = session_.impl().run(
        [&](Transaction& transaction) { return transaction.exec(get_import, id); });
    if (rows.empty())
        return std::nullopt;
    return read_row(rows[0]);
}

std::vector<ImportRow> ImportStore::list(std::string_view wiki, std::string_view status,
                                         std::uint32_t limit, std::uint64_t before,
                                         std::string_view label) {
    const auto rows = session_.impl().run([&](Transaction& transaction) {
        return transaction.exec(list_imports, std::string(wiki), std::string(status), limit,
                                before, std::string(label));
    });
    std::vector<ImportRow> imports;
    for (const auto& row : rows)
        imports.push_back(read_row(row));
    return imports;
}

std::vector<ImportStore::StateCount> ImportStore::count_by_status() {
    const auto rows = session_.impl().run(
        [&](Transaction& transaction) { return transaction.exec(count_imports); });
    std::vector<StateCount> counts;
    for (const auto& row : rows)
        counts.push_back({row[0].as<std::string>(), row[1].as<std::string>(),
                          row[2].as<std::uint64_t>()});
    return counts;
}

std::optional<std::vector<ImportProblem>> ImportStore::problems(std::uint64_t id,
                                                                std::uint32_t limit,
                                                                std::uint64_t after) {
    return session_.impl().run(
        [&](Transaction& transaction) -> std::optional<std::vector<ImportProblem>> {
            if (transaction.exec(import_exists, id).empty())
                return std::nullopt;
            std::vector<ImportProblem> list;
            for (const auto& row : transaction.exec(list_import_problems, id, after, limit))
                list.push_back({row[0].as<std::uint64_t>(), row[1].as<std::string>(),
                                row[2].as<std::string>(), row[3].as<std::string>(),
                                row[4].as<bool>(), row[6].as<std::string>(), row[5].as<bool>()});
            return list;
        });
}

namespace {

/// The row of lock_import, if there is such an import; `answer` says so, and its status.
pqxx::result lock(Transaction& transaction, std::uint64_t id, ImportChange& answer) {
    auto rows = transaction.exec(lock_import, id);
    answer.found = !rows.empty();
    if (answer.found)
        answer.status = rows[0][1].as<std::string>();
    return rows;
}

} // namespace

ImportChange ImportStore::change(std::uint64_t id, ImportAction action) {
    return session_.impl().run([&](Transaction& transaction) {
        ImportChange answer;
        const auto rows = lock(transaction, id, answer);
        if (!answer.found)
            return answer;
        const Wanted next = wanted(action, rows[0][0].as<std::string>(), rows[0][2].as<bool>(),
                                   rows[0][3].as<std::uint64_t>());
        answer.refusal = next.refusal;
        if (next.state == nullptr)
            return answer;
        transaction.exec(set_import_state, id, next.state);
        if (next.problems)
            transaction.exec(retry_import_problems, id);
        answer.changed = true;
        answer.status = transaction.exec(lock_import, id)[0][1].as<std::string>();
        return answer;
    });
}

ImportChange ImportStore::delete_data(std::uint64_t id) {
    return session_.impl().run([&](Transaction& transaction) {
        ImportChange answer;
        const auto rows = lock(transaction, id, answer);
        if (!answer.found)
            return answer;
        const auto state = rows[0][0].as<std::string>();
        if (state == "active" || state == "paused") {
            answer.refusal = "it is not over yet; cancel it first";
            return answer;
        }
        answer.changed = transaction.exec(mark_deleted, id).affected_rows() > 0;
        transaction.exec(delete_items, id);
        transaction.exec(delete_problems, id);
        return answer;
    });
}

bool ImportStore::forget(std::chrono::milliseconds keep) {
    return session_.impl().run([&](Transaction& transaction) {
        const auto deleted = transaction.exec(find_deleted);
        if (!deleted.empty()) {
            transaction.exec(forget_files, deleted[0][0].as<std::uint64_t>(), forgotten_at_once);
            return true;
        }
        const auto found = transaction.exec(find_forgettable, keep.count());
        if (found.empty())
            return false;
        const auto id = found[0][0].as<std::uint64_t>();
        if (std::cmp_less(transaction.exec(forget_files, id, forgotten_at_once).affected_rows(),
                          forgotten_at_once))
            transaction.exec(forget_import, id);
        return true;
    });
}

std::uint64_t ImportStore::fresh_edits(std::span<const std::string> wikis, std::uint32_t limit) {
    if (wikis.empty())
        return 0;
    TextArray names;
    for (const std::string& wiki : wikis)
        names.add(wiki);
    return session_.impl().run([&](Transaction& transaction) {
        return transaction.exec(count_fresh_edits, names, limit)[0][0].as<std::uint64_t>();
    });
}

} // namespace runner::store
