// SPDX-License-Identifier: GPL-2.0-or-later
// The stream of events: read in order and without a gap whatever runs beside, and its old end.
#include "database.hpp"
#include "store/common/migrations.hpp"
#include "store/lists/event_store.hpp"

#include <catch2/catch.hpp>
#include <pqxx/pqxx>

#include <thread>

using namespace runner;
using namespace std::chrono_literals;
using store::EventPlace;
using tests::completed;
using tests::Database;
using tests::result;
using tests::violation;

namespace {

const EventPlace start{};

void put(store::Session& session, const std::string& entity, std::uint64_t check,
         std::string wiki = "testwiki") {
    auto outcomes = store::ResultStore(session).store(std::vector<store::Completed>{completed(
        result(entity, check, {violation("s" + std::to_string(check), "c")}), check, wiki)});
    REQUIRE(outcomes.front().result == store::StoreState::stored);
}

std::vector<std::string> entities(const store::EventsRead& read) {
    std::vector<std::string> names;
    for (const store::Event& event : read.events)
        names.push_back(event.entity);
    return names;
}

std::vector<std::string> all(store::Session& session) {
    store::EventStore store(session);
    return entities(store.read(start, store.state().end, "", 100));
}

/// The state once nothing runs any more: the server may be at work by itself.
store::EventState settled(store::Session& session) {
    store::EventStore store(session);
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    for (;;) {
        auto state = store.state();
        if (state.end.transaction == state.next_transaction ||
            std::chrono::steady_clock::now() > deadline)
            return state;
        std::this_thread::sleep_for(10ms);
    }
}

void age(const Database& database, const std::string& condition, const std::string& by) {
    database.rows("UPDATE constraint_runner.event SET created_at = created_at - interval '" + by +
                  "' WHERE " + condition);
}

} // namespace

TEST_CASE("a place in the stream is read as it is written") {
    CHECK(EventPlace::parse("8231-5120") == EventPlace{8231, 5120});
    CHECK(EventPlace::parse("8231") == EventPlace{8231, 0});
    CHECK(EventPlace{8231, 5120}.to_string() == "8231-5120");
    CHECK(EventPlace{7, 9} < EventPlace{8, 0});
    for (const char* wrong : {"", "-", "1-", "-1", "+1", " 1", "1 ", "1-2-3", "x", "1.5", "0x1",
                              "99999999999999999999999", "1-9223372036854775808"})
        CHECK_FALSE(EventPlace::parse(wrong));
}

TEST_CASE("events are read by page, in their order, of one wiki or of all") {
    const Database database;
    store::Session session(database.options());
    store::EventStore store(session);
    for (std::uint64_t i = 1; i <= 7; ++i)
        put(session, "Q" + std::to_string(i), i, i % 2 == 0 ? "even" : "odd");
    const auto end = settled(session).end;
    auto page = store.read(start, end, "", 3);
    CHECK(entities(page) == std::vector<std::string>{"Q1", "Q2", "Q3"});
    page = store.read(page.events.back().place, end, "", 3);
    CHECK(entities(page) == std::vector<std::string>{"Q4", "Q5", "Q6"});
    CHECK(entities(store.read(page.events.front().place, end, "odd", 100)) ==
          std::vector<std::string>{"Q5", "Q7"});
    CHECK(store.read(end, end, "", 10).events.empty());
    CHECK(entities(store.read({page.events.back().place.transaction, 0}, end, "", 10)) ==
          std::vector<std::string>{"Q6", "Q7"});
    CHECK(page.events[0].revision == 4);
    CHECK_FALSE(page.events[0].deleted);
    CHECK(page.events[0].disappeared == "[]");
    CHECK_THAT(page.events[0].appeared, Catch::StartsWith(R"([{"statement":"s4")"));
    CHECK_THAT(page.events[0].created_at,
               Catch::Matches(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)"));
}

TEST_CASE("large events come in smaller pages") {
    const Database database;
    store::Session session(database.options());
    store::EventStore store(session);
    for (std::uint64_t i = 1; i <= 5; ++i)
        put(session, "Q" + std::to_string(i), i);
    database.rows("UPDATE constraint_runner.event SET appeared = json_build_array(repeat('x', "
                  "CASE entity WHEN 'Q4' THEN 9000000 ELSE 1900000 END))");
    const auto end = settled(session).end;
    auto page = store.read(start, end, "", 100);
    CHECK(entities(page) == std::vector<std::string>{"Q1", "Q2"});
    CHECK_FALSE(page.all);
    page = store.read(page.events.back().place, end, "", 100);
    CHECK(entities(page) == std::vector<std::string>{"Q3"});
    page = store.read(page.events.back().place, end, "", 100);
    CHECK(entities(page) == std::vector<std::string>{"Q4"}); // larger than a page
    page = store.read(page.events.back().place, end, "", 100);
    CHECK(entities(page) == std::vector<std::string>{"Q5"});
    CHECK(page.all);
}

TEST_CASE("nothing is read past a transaction that still runs, so that none is missed") {
    const Database database;
    store::Session session(database.options());
    store::EventStore store(session);
    put(session, "Q1", 1);
    pqxx::connection other(database.options().conninfo);
    pqxx::work slow(other);
    slow.exec("INSERT INTO constraint_runner.event (wiki, entity, revision, created_at, "
              "transaction, deleted, appeared, disappeared) VALUES ('testwiki', 'Q2', 1, "
              "now() - interval '1 hour', '1', false, '[]', '[]')");
    put(session, "Q3", 3); // a higher id, committed earlier
    CHECK(all(session) == std::vector<std::string>{"Q1"});
    CHECK(store.state().held_back_seconds >= 0);
    CHECK(store.state().next_transaction > store.state().end.transaction);
    slow.commit();
    CHECK(settled(session).held_back_seconds == 0);
    CHECK(all(session) == std::vector<std::string>{"Q1", "Q2", "Q3"});
}

TEST_CASE("who had to wait for an entity comes after whom it waited for") {
    const Database database;
    store::Session session(database.options());
    pqxx::connection other(database.options().conninfo);
    pqxx::work early(other);
    early.exec("SELECT pg_current_xact_id()"); // the lower number
    put(session, "Q1", 1);
    put(session, "Q2", 2);
    early.exec("INSERT INTO constraint_runner.event (wiki, entity, revision, created_at, "
               "transaction, deleted, appeared, disappeared) VALUES ('testwiki', 'Q1', 2, now(), "
               "'1', false, '[]', '[]')");
    early.commit();
    store::EventStore store(session);
    const auto read = store.read(start, settled(session).end, "", 10);
    CHECK(entities(read) == std::vector<std::string>{"Q1", "Q1", "Q2"});
    const auto& events = read.events;
    CHECK(events[0].revision == 1);
    CHECK(events[1].revision == 2);
    CHECK(events[0].place.transaction == events[1].place.transaction);
}

TEST_CASE("old events are removed from the beginning on, and the horizon tells how far") {
    const Database database;
    store::Session session(database.options());
    store::EventStore store(session);
    CHECK(store.remove_older(1h, 2).count == 0);
    CHECK(store.state().horizon == start);
    for (std::uint64_t i = 1; i <= 6; ++i)
        put(session, "Q" + std::to_string(i), i);
    const auto events = store.read(start, settled(session).end, "", 10).events;
    age(database, "entity IN ('Q1', 'Q2', 'Q3', 'Q5')", "2 hours");
    CHECK(store.state().oldest_seconds > 7000);

    auto removed = store.remove_older(1h, 2);
    CHECK(removed.count == 2);
    CHECK(removed.more);
    CHECK(store.state().horizon == events[1].place);
    removed = store.remove_older(1h, 2);
    CHECK(removed.count == 1);
    CHECK_FALSE(removed.more);
    // Q5 is old as well, but Q4 before it is not
    CHECK(store.remove_older(1h, 2).count == 0);
    CHECK(store.state().horizon == events[2].place);
    CHECK(all(session) == std::vector<std::string>{"Q4", "Q5", "Q6"});
    CHECK(store.state().oldest_seconds < 7000);
}

TEST_CASE("events that may still get company are not removed") {
    const Database database;
    store::Session session(database.options());
    store::EventStore store(session);
    pqxx::connection other(database.options().conninfo);
    pqxx::work slow(other);
    slow.exec("SELECT pg_current_xact_id()");
    put(session, "Q1", 1);
    age(database, "true", "2 hours");
    CHECK(store.remove_older(1h, 10).count == 0);
    slow.commit();
    settled(session);
    CHECK(store.remove_older(1h, 10).count == 1);
}

TEST_CASE("one runner at a time removes") {
    const Database database;
    store::Session session(database.options());
    store::EventStore store(session);
    put(session, "Q1", 1);
    age(database, "true", "2 hours");
    settled(session);
    pqxx::connection other(database.options().conninfo);
    {
        pqxx::work holder(other);
        holder.exec("SELECT pg_advisory_xact_lock(7246018123476592)");
        CHECK(store.remove_older(1h, 10).count == 0);
        CHECK(store.remove_foreign(10).count == 0);
        CHECK(store.forget_deleted(0ms, "", "", 10).count == 0);
    }
    CHECK(store.remove_older(1h, 10).count == 1);
}

TEST_CASE("events that another server numbered are removed, and no old place holds") {
    const Database database;
    store::Session session(database.options());
    store::EventStore store(session);
    for (std::uint64_t i = 1; i <= 4; ++i)
        put(session, "Q" + std::to_string(i), i);
    CHECK(store.remove_foreign(10).count == 0);
    const auto before = store.read(start, settled(session).end, "", 10).events;
    database.rows("SET session_replication_role = replica; UPDATE constraint_runner.event SET "
                  "transaction = (transaction::text::bigint + 1000000)::text::xid8 "
                  "WHERE entity IN ('Q2', 'Q3', 'Q4')");
    auto removed = store.remove_foreign(2);
    CHECK(removed.count == 2);
    CHECK(removed.more);
    removed = store.remove_foreign(2);
    CHECK(removed.count == 1);
    CHECK_FALSE(removed.more);
    CHECK(all(session) == std::vector<std::string>{"Q1"});
    CHECK(store.state().horizon > before.back().place);
    put(session, "Q5", 5);
    settled(session);
    CHECK(all(session) == std::vector<std::string>{"Q1", "Q5"});
    CHECK(store.read(store.state().horizon, store.state().end, "", 10).events.size() == 1);
}

TEST_CASE("deleted entities are forgotten after their time, but not while a job waits") {
    const Database database;
    store::Session session(database.options());
    store::EventStore store(session);
    for (std::uint64_t i = 1; i <= 6; ++i) {
        auto made = result("Q" + std::to_string(i), 5);
        made.deleted = i != 6;
        REQUIRE(store::ResultStore(session)
                    .store(std::vector<store::Completed>{completed(made, i)})
                    .front()
                    .result == store::StoreState::stored);
    }
    database.rows("UPDATE constraint_runner.entity_result SET checked_at = checked_at - "
                  "interval '2 hours' WHERE entity <> 'Q2'");
    database.rows("INSERT INTO constraint_runner.job (revision, queued_at, priority, wiki, entity) "
                  "VALUES (4, now(), 0, 'testwiki', 'Q3')");
    std::uint64_t count = 0;
    store::TombstonesRemoved at;
    int batches = 0;
    do {
        at = store.forget_deleted(1h, at.wiki, at.entity, 2);
        count += at.count;
        ++batches;
    } while (at.more);
    CHECK(count == 3);
    CHECK(batches == 3);
    CHECK(database.rows("SELECT entity FROM constraint_runner.entity_result ORDER BY entity") ==
          std::vector<std::string>{"Q2", "Q3", "Q6"});
    // the guard is gone with it, and only with it
    auto late = result("Q2", 4);
    CHECK(store::ResultStore(session)
              .store(std::vector<store::Completed>{completed(late, 9)})
              .front()
              .result == store::StoreState::outdated);
}

TEST_CASE("an event of before the migration keeps its place and has no changes of status") {
    const Database database(Database::Kind::empty);
    store::Session session(database.options());
    const auto known = store::embedded_migrations();
    store::migrate(session, false, known.first(10));
    database.rows("INSERT INTO constraint_runner.event (wiki, entity, revision, created_at, "
                  "transaction, deleted, appeared, disappeared) VALUES ('testwiki', 'Q1', 1, "
                  "now(), pg_current_xact_id(), false, '[]', '[]')");
    store::migrate(session);
    store::EventStore store(session);
    const auto events = store.read(start, settled(session).end, "", 10).events;
    REQUIRE(events.size() == 1);
    CHECK(events[0].changed == "[]");
}
