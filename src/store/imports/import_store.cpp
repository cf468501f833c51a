// SPDX-License-Identifier: GPL-2.0-or-later
// Asking for imports, looking at them, stopping and forgetting them. See import_store.hpp; how they
// are worked on is in import_lease.cpp.
#include "store/imports/import_store.hpp"

#include "store/common/session_impl.hpp"
#include "store/imports/import_columns.hpp"
#include "store/imports/import_text.hpp"

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
                                          label, owner, base_id)
    SELECT wiki, kind, subject, subject_key, $4::json, $5::json, $7, $8,
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

constexpr Statement get_import{"get_import",
                               RUNNER_IMPORT_COLUMNS RUNNER_FROM_IMPORTS "WHERE i.id = $1"};

constexpr Statement list_imports{"list_imports", RUNNER_IMPORT_COLUMNS RUNNER_FROM_IMPORTS R"(
WHERE ($1 = '' OR i.wiki = $1) AND ($5 = '' OR i.label = $5) AND ($6 = '' OR i.owner = $6)
  AND ($2 = '' OR )" RUNNER_IMPORT_STATUS R"( = $2)
  AND ($4::bigint = 0 OR i.id < $4::bigint)
ORDER BY i.id DESC LIMIT $3)"};

constexpr Statement count_imports{
    "count_imports", "SELECT i.kind, " RUNNER_IMPORT_STATUS
                     ", count(*) FROM constraint_runner.import i GROUP BY 1, 2 ORDER BY 1, 2"};

// requests of one client one after the other: else two that come at once both find room
constexpr Statement lock_client{"lock_import_client", R"(
SELECT pg_advisory_xact_lock(hashtextextended('constraint_runner.import ' || $1, 0)))"};

constexpr Statement use_of_client{"use_of_client", R"(
SELECT count(*) FILTER (WHERE state IN ('active', 'paused')),
    coalesce(sum(done) FILTER (WHERE kind IN ('category', 'files')
                                 AND data_deleted_at IS NULL), 0)::bigint
FROM constraint_runner.import WHERE owner = $1 AND owner <> '')"};

constexpr Statement find_under_way{"find_import_under_way", R"(
SELECT id FROM constraint_runner.import
WHERE wiki = $1 AND subject_key = md5($2::text || E'\n' || $3::text)::uuid
  AND state IN ('active', 'paused'))"};

constexpr Statement owner_of_import{"owner_of_import",
                                    "SELECT owner FROM constraint_runner.import WHERE id = $1"};

// who ends the import waits for this lock, and finds the new address then
constexpr Statement hold_under_way{"hold_import_under_way", R"(
SELECT FROM constraint_runner.import
WHERE id = $1 AND state IN ('active', 'paused') FOR UPDATE)"};

constexpr Statement add_notify{"add_import_notify", R"(
INSERT INTO constraint_runner.import_notify (import_id, url)
SELECT $1, $2 WHERE (SELECT count(*) FROM constraint_runner.import_notify
                     WHERE import_id = $1 AND url <> $2) < $3
ON CONFLICT (import_id, url) DO UPDATE SET url = excluded.url)"};

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

// what others are being compared with stays, and goes when they are over; so does what an address
// is still to be told of (longer than a week no runner tries)
constexpr Statement find_forgettable{"find_forgettable", R"(
SELECT i.id FROM constraint_runner.import i
WHERE i.state NOT IN ('active', 'paused')
  AND i.ended_at <= statement_timestamp() - $1::bigint * interval '1 millisecond'
  AND NOT EXISTS (SELECT FROM constraint_runner.import o
                  WHERE o.base_id = i.id AND o.state IN ('active', 'paused'))
  AND NOT EXISTS (SELECT FROM constraint_runner.import_delivery d
                  WHERE d.import_id = i.id AND d.delivered_at IS NULL AND d.given_up_at IS NULL
                    AND d.created_at > statement_timestamp() - interval '8 days')
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
    case ImportAction::retry: break;
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

namespace {

/// Why the client may not begin one more; `answer` has then what it has. Of that client no other
/// request is answered until the end of the transaction.
ImportRefusal refusal(Transaction& transaction, const NewImport& import, const ImportLimits& limits,
                      std::uint64_t& has) {
    if (import.owner.empty() || (limits.running == 0 && limits.files == 0))
        return ImportRefusal::none;
    transaction.exec(lock_client, import.owner);
    const auto use = transaction.exec(use_of_client, import.owner);
    has = use[0][0].as<std::uint64_t>();
    if (limits.running > 0 && has >= limits.running)
        return ImportRefusal::running;
    has = use[0][1].as<std::uint64_t>();
    const bool of_files = import.kind == "category" || import.kind == "files";
    return limits.files > 0 && of_files &&
                   (has >= limits.files || import.items.size() > limits.files - has)
               ? ImportRefusal::files
               : ImportRefusal::none;
}

void add_list(Transaction& transaction, std::uint64_t id, const NewImport& import) {
    if (import.list_of != 0)
        transaction.exec(list_pages_of, id, import.list_of);
    add_items(transaction, id, import.items, import.known_names, import.known_times);
}

/// Empty when the import that was under way ended meanwhile: once more.
std::optional<ImportAccepted> try_to_create(Transaction& transaction, const NewImport& import,
                                            const ImportLimits& limits) {
    ImportAccepted answer;
    answer.refusal = refusal(transaction, import, limits, answer.has);
    if (answer.refusal != ImportRefusal::none) {
        const auto other =
            transaction.exec(find_under_way, import.wiki, import.kind, import.subject);
        if (other.empty())
            return answer;
        answer = {other[0][0].as<std::uint64_t>(), false};
    } else {
        const auto made = transaction.exec(create_import, import.wiki, import.kind, import.subject,
                                           import.parameters, counts_text(import.counts),
                                           import.list_of, import.label, import.owner);
        if (made.empty())
            return std::nullopt;
        answer = {made[0][0].as<std::uint64_t>(), made[0][1].as<bool>()};
    }
    if (answer.is_new)
        add_list(transaction, answer.id, import);
    if (import.notify.empty())
        return answer;
    if (!answer.is_new && transaction.exec(hold_under_way, answer.id).empty())
        return std::nullopt;
    if (transaction.exec(add_notify, answer.id, import.notify, most_notify).affected_rows() == 0)
        answer.refusal = ImportRefusal::notify;
    return answer;
}

} // namespace

ImportAccepted ImportStore::create(const NewImport& import, const ImportLimits& limits) {
    for (;;) {
        const auto answer = session_.impl().run(
            [&](Transaction& transaction) { return try_to_create(transaction, import, limits); });
        if (answer)
            return *answer;
    }
}

std::uint64_t ImportStore::files_of(const std::string& owner) {
    return session_.impl().run([&](Transaction& transaction) {
        return transaction.exec(use_of_client, owner)[0][1].as<std::uint64_t>();
    });
}

std::optional<ImportRow> ImportStore::get(std::uint64_t id) {
    const auto rows = session_.impl().run(
        [&](Transaction& transaction) { return transaction.exec(get_import, id); });
    if (rows.empty())
        return std::nullopt;
    return read_import_row(rows[0]);
}

std::vector<ImportRow> ImportStore::list(std::string_view wiki, std::string_view status,
                                         std::uint32_t limit, std::uint64_t before,
                                         std::string_view label, std::string_view owner) {
    const auto rows = session_.impl().run([&](Transaction& transaction) {
        return transaction.exec(list_imports, std::string(wiki), std::string(status), limit, before,
                                std::string(label), std::string(owner));
    });
    std::vector<ImportRow> imports;
    for (const auto& row : rows)
        imports.push_back(read_import_row(row));
    return imports;
}

std::vector<ImportStore::StateCount> ImportStore::count_by_status() {
    const auto rows = session_.impl().run(
        [&](Transaction& transaction) { return transaction.exec(count_imports); });
    std::vector<StateCount> counts;
    for (const auto& row : rows)
        counts.push_back(
            {row[0].as<std::string>(), row[1].as<std::string>(), row[2].as<std::uint64_t>()});
    return counts;
}

std::optional<std::vector<ImportProblem>>
ImportStore::problems(std::uint64_t id, std::uint32_t limit, std::uint64_t after) {
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

ImportChange ImportStore::change(std::uint64_t id, ImportAction action,
                                 const ImportLimits& limits) {
    return session_.impl().run([&](Transaction& transaction) {
        ImportChange answer;
        std::uint64_t under_way = 0;
        if (action == ImportAction::retry && limits.running > 0) {
            const auto owner = transaction.exec(owner_of_import, id);
            if (!owner.empty() && !owner[0][0].as<std::string>().empty()) {
                transaction.exec(lock_client, owner[0][0].as<std::string>());
                under_way = transaction.exec(use_of_client, owner[0][0].as<std::string>())[0][0]
                                .as<std::uint64_t>();
            }
        }
        const auto rows = lock(transaction, id, answer);
        if (!answer.found)
            return answer;
        const Wanted next = wanted(action, rows[0][0].as<std::string>(), rows[0][2].as<bool>(),
                                   rows[0][3].as<std::uint64_t>());
        answer.refusal = next.refusal;
        if (next.state == nullptr)
            return answer;
        if (limits.running > 0 && under_way >= limits.running) {
            answer.over_limit = under_way;
            return answer;
        }
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
