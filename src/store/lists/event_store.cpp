// SPDX-License-Identifier: GPL-2.0-or-later
// See event_store.hpp. Places are compared as pairs (transaction, id), which the index
// event_position serves; what lies below the oldest running transaction does not change any more.
#include "store/lists/event_store.hpp"

#include "store/common/session_impl.hpp"

#include <charconv>
#include <utility>

namespace runner::store {

namespace {

// any number will do, as long as it stays the same: all runners must mean the same lock
constexpr Statement lock_upkeep{"lock_event_upkeep",
                                "SELECT pg_try_advisory_xact_lock(7246018123476592)"};

constexpr Statement event_state{"event_state", R"(
SELECT pg_snapshot_xmin(s), pg_snapshot_xmax(s), h.transaction, h.id,
       to_char(h.created_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       coalesce((SELECT extract(epoch FROM statement_timestamp() - e.created_at)
                 FROM constraint_runner.event e WHERE e.transaction >= pg_snapshot_xmin(s)
                 ORDER BY e.transaction, e.id LIMIT 1), 0),
       coalesce((SELECT extract(epoch FROM statement_timestamp() - e.created_at)
                 FROM constraint_runner.event e ORDER BY e.transaction, e.id LIMIT 1), 0)
FROM constraint_runner.event_horizon h, pg_current_snapshot() s)"};

const std::string& reading_sql(std::optional<EventKind> kind) {
    static const auto made = [](const char* of_kind) {
        return std::string(R"(
WITH page AS MATERIALIZED (
    SELECT * FROM constraint_runner.event
    WHERE (transaction, id) > ($1::xid8, $2::bigint) AND (transaction, id) < ($3::xid8, $4::bigint)
      AND ($5 = '' OR wiki = $5))") +
               of_kind + R"(
    ORDER BY transaction, id LIMIT $6),
sized AS (
    SELECT page.*, row_number() OVER places AS number,
           sum(octet_length(appeared::text) + octet_length(disappeared::text)
               + octet_length(changed::text)) OVER places AS bytes
    FROM page WINDOW places AS (ORDER BY transaction, id ROWS UNBOUNDED PRECEDING))
SELECT transaction, id, revision, deleted, wiki, entity,
       to_char(created_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), appeared, disappeared, changed,
       (SELECT count(*) FROM page), coalesce(import::text, '')
FROM sized WHERE number = 1 OR bytes <= 4000000
ORDER BY transaction, id)";
    };
    static const std::string all = made("");
    static const std::string results = made(" AND import IS NULL");
    static const std::string imports = made(" AND import IS NOT NULL");
    return !kind ? all : *kind == EventKind::import ? imports : results;
}

/// The kind is no parameter: few events are of imports, and a partial index finds them.
Statement reading(std::optional<EventKind> kind) {
    const char* const name = !kind                        ? "read_events"
                             : *kind == EventKind::import ? "read_import_events"
                                                          : "read_result_events";
    return {name, reading_sql(kind).c_str()};
}

constexpr Statement latest_events{"latest_events", R"(
SELECT transaction, id, revision, wiki, entity,
       to_char(created_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), appeared
FROM (SELECT * FROM constraint_runner.event WHERE import IS NULL
      ORDER BY transaction DESC, id DESC LIMIT $1) AS e
WHERE json_array_length(appeared) > 0
ORDER BY transaction DESC, id DESC LIMIT $2)"};

constexpr Statement oldest_events{"oldest_events", R"(
SELECT transaction, id, created_at,
       created_at < statement_timestamp() - $1::bigint * interval '1 millisecond'
FROM constraint_runner.event
WHERE transaction < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY transaction, id LIMIT $2)"};

constexpr Statement remove_events{"remove_events", R"(
DELETE FROM constraint_runner.event WHERE (transaction, id) <= ($1::xid8, $2::bigint))"};

constexpr Statement move_horizon{"move_horizon", R"(
UPDATE constraint_runner.event_horizon SET
    transaction = $1::xid8, id = $2::bigint, created_at = $3::timestamptz
WHERE (transaction, id) < ($1::xid8, $2::bigint))"};

constexpr Statement foreign_events{"foreign_events", R"(
SELECT pg_snapshot_xmax(s), to_char(statement_timestamp(), 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
FROM pg_current_snapshot() s
WHERE EXISTS (SELECT FROM constraint_runner.event WHERE transaction >= pg_snapshot_xmax(s)))"};

constexpr Statement remove_foreign_events{"remove_foreign_events", R"(
DELETE FROM constraint_runner.event e
USING (SELECT wiki, entity, id FROM constraint_runner.event WHERE transaction >= $1::xid8
       ORDER BY transaction DESC, id DESC LIMIT $2) AS k
WHERE e.wiki = k.wiki AND e.entity = k.entity AND e.id = k.id)"};

// who has a job may be checked at an older revision any moment
constexpr Statement forget_tombstones{"forget_tombstones", R"(
WITH page AS (
    SELECT wiki, entity, checked_at FROM constraint_runner.entity_result
    WHERE tombstone <> 0 AND (wiki, entity) > ($1, $2) ORDER BY wiki, entity LIMIT $3),
gone AS (
    DELETE FROM constraint_runner.entity_result r USING page p
    WHERE r.wiki = p.wiki AND r.entity = p.entity AND r.tombstone <> 0
      AND p.checked_at < statement_timestamp() - $4::bigint * interval '1 millisecond'
      AND r.checked_at = p.checked_at
      AND NOT EXISTS (SELECT FROM constraint_runner.job j
                      WHERE j.wiki = p.wiki AND j.entity = p.entity)
      AND NOT EXISTS (SELECT FROM constraint_runner.dead_job d
                      WHERE d.wiki = p.wiki AND d.entity = p.entity)
    RETURNING 1)
SELECT wiki, entity, (SELECT count(*) FROM page), (SELECT count(*) FROM gone)
FROM page ORDER BY wiki DESC, entity DESC LIMIT 1)"};

bool locked(Transaction& transaction) { return transaction.exec(lock_upkeep)[0][0].as<bool>(); }

std::optional<std::uint64_t> number(std::string_view text) noexcept {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || text.empty())
        return std::nullopt;
    return value;
}

} // namespace

std::optional<EventPlace> EventPlace::parse(std::string_view text) noexcept {
    const std::size_t dash = text.find('-');
    const auto transaction = number(text.substr(0, dash));
    if (!transaction || dash == std::string_view::npos)
        return transaction ? std::optional(EventPlace{*transaction, 0}) : std::nullopt;
    const auto id = number(text.substr(dash + 1));
    if (!id || *id >> 63U != 0)
        return std::nullopt;
    return EventPlace{*transaction, *id};
}

std::string EventPlace::to_string() const {
    return std::to_string(transaction) + '-' + std::to_string(id);
}

EventState EventStore::state() {
    return session_.impl().run([](Transaction& transaction) {
        const auto row = transaction.exec(event_state)[0];
        EventState state;
        state.end.transaction = row[0].as<std::uint64_t>();
        state.next_transaction = row[1].as<std::uint64_t>();
        state.horizon = {row[2].as<std::uint64_t>(), row[3].as<std::uint64_t>()};
        state.horizon_at = row[4].as<std::string>();
        state.held_back_seconds = row[5].as<double>();
        state.oldest_seconds = row[6].as<double>();
        return state;
    });
}

EventsRead EventStore::read(EventPlace after, EventPlace end, std::string_view wiki,
                            std::uint32_t limit, std::optional<EventKind> kind) {
    return session_.impl().run([&](Transaction& transaction) {
        EventsRead read;
        const auto rows =
            transaction.exec(reading(kind), std::to_string(after.transaction), after.id,
                             std::to_string(end.transaction), end.id, std::string(wiki), limit);
        read.all = rows.empty() || (rows[0][10].as<std::uint32_t>() < limit &&
                                    std::cmp_equal(rows[0][10].as<std::size_t>(), rows.size()));
        for (const auto& row : rows) {
            Event& event = read.events.emplace_back();
            event.place = {row[0].as<std::uint64_t>(), row[1].as<std::uint64_t>()};
            event.revision = row[2].as<std::uint64_t>();
            event.deleted = row[3].as<bool>();
            event.wiki = row[4].as<std::string>();
            event.entity = row[5].as<std::string>();
            event.created_at = row[6].as<std::string>();
            event.appeared = row[7].as<std::string>();
            event.disappeared = row[8].as<std::string>();
            event.changed = row[9].as<std::string>();
            event.import = row[11].as<std::string>();
        }
        return read;
    });
}

std::vector<Event> EventStore::latest_appeared(std::uint32_t among, std::uint32_t limit) {
    return session_.impl().run([&](Transaction& transaction) {
        std::vector<Event> events;
        for (const auto& row : transaction.exec(latest_events, among, limit)) {
            Event& event = events.emplace_back();
            event.place = {row[0].as<std::uint64_t>(), row[1].as<std::uint64_t>()};
            event.revision = row[2].as<std::uint64_t>();
            event.wiki = row[3].as<std::string>();
            event.entity = row[4].as<std::string>();
            event.created_at = row[5].as<std::string>();
            event.appeared = row[6].as<std::string>();
        }
        return events;
    });
}

EventsRemoved EventStore::remove_older(std::chrono::milliseconds keep, std::uint32_t limit) {
    return session_.impl().run([&](Transaction& transaction) {
        EventsRemoved removed;
        if (!locked(transaction))
            return removed;
        const auto rows = transaction.exec(oldest_events, keep.count(), limit);
        // up to the first that is kept, so that what is gone is a beginning of the stream
        pqxx::result::size_type old = 0;
        while (old < rows.size() && rows[old][3].as<bool>())
            ++old;
        if (old == 0)
            return removed;
        const auto last = rows[old - 1];
        const auto place = last[0].as<std::string>();
        const auto id = last[1].as<std::uint64_t>();
        removed.count = transaction.exec(remove_events, place, id).affected_rows();
        transaction.exec(move_horizon, place, id, last[2].as<std::string>());
        removed.more = old == rows.size() && std::cmp_equal(old, limit);
        return removed;
    });
}

EventsRemoved EventStore::remove_foreign(std::uint32_t limit) {
    return session_.impl().run([&](Transaction& transaction) {
        EventsRemoved removed;
        if (!locked(transaction))
            return removed;
        const auto found = transaction.exec(foreign_events);
        if (found.empty())
            return removed;
        const auto reached = found[0][0].as<std::string>();
        removed.count = transaction.exec(remove_foreign_events, reached, limit).affected_rows();
        transaction.exec(move_horizon, reached, 0, found[0][1].as<std::string>());
        removed.more = removed.count == limit;
        return removed;
    });
}

TombstonesRemoved EventStore::forget_deleted(std::chrono::milliseconds keep,
                                             const std::string& after_wiki,
                                             const std::string& after_entity, std::uint32_t limit) {
    return session_.impl().run([&](Transaction& transaction) {
        TombstonesRemoved removed;
        if (!locked(transaction))
            return removed;
        const auto rows =
            transaction.exec(forget_tombstones, after_wiki, after_entity, limit, keep.count());
        if (rows.empty())
            return removed;
        removed.wiki = rows[0][0].as<std::string>();
        removed.entity = rows[0][1].as<std::string>();
        removed.more = rows[0][2].as<std::uint64_t>() == limit;
        removed.count = rows[0][3].as<std::uint64_t>();
        return removed;
    });
}

} // namespace runner::store
