// SPDX-License-Identifier: GPL-2.0-or-later
// Connections that break, databases that are away, full or read-only: errors that say so.
#include "database.hpp"

#include "store/job_table.hpp"
#include "store/result_store.hpp"
#include "store/session_impl.hpp"

#include <thread>

#include <catch2/catch.hpp>

using namespace runner;
using store::Trouble;
using tests::Database;
using namespace std::chrono_literals;

TEST_CASE("a session connects at its first use and says who it is") {
    const Database database;
    auto options = database.options();
    options.application_name = "o'runner";
    store::Session session(options);
    CHECK_FALSE(session.connected());
    session.ping();
    CHECK(session.connected());
    CHECK(database.one("SELECT count(*) FROM pg_stat_activity WHERE application_name = "
                       "'o''runner'") == "1");
    CHECK_THAT(session.server_version(), Catch::Matches(R"(\d+\..*)"));
    session.disconnect();
    CHECK_FALSE(session.connected());
    session.ping();
}

TEST_CASE("a connection that is cut is an unavailable database once, and made anew") {
    const Database database;
    store::Session session(database.options());
    store::ResultStore results(session);
    CHECK_FALSE(results.get("w", tests::key("Q1").entity));
    database.disconnect_all();
    CHECK_THROWS_AS(results.get("w", tests::key("Q1").entity), base::UnavailableError);
    CHECK_FALSE(results.get("w", tests::key("Q1").entity));
}

TEST_CASE("a database that is away is asked again only after a pause") {
    store::DatabaseOptions nowhere;
    nowhere.conninfo = "host=/nonexistent-folder dbname=x";
    nowhere.backoff_base = 1h;
    nowhere.backoff_max = 1h;
    store::Session session(nowhere);
    CHECK_THROWS_AS(session.ping(), base::UnavailableError);
    CHECK_THROWS_WITH(session.ping(), Catch::Contains("nonexistent-folder"));
    nowhere.backoff_base = nowhere.backoff_max = 1ms;
    store::Session patient(nowhere);
    bool came = true;
    {
        std::jthread waiter(
            [&](const std::stop_token& stop) { came = patient.wait_until_available(stop); });
        waiter.request_stop();
    }
    CHECK_FALSE(came);
}

TEST_CASE("a read-only database is unavailable, not a bug, and comes back by itself") {
    const Database database;
    store::Session session(database.options());
    store::JobTable table(session);
    database.rows("ALTER DATABASE " + database.name() +
                  " SET default_transaction_read_only = on");
    session.disconnect();
    const std::vector<store::NewJob> jobs{tests::job("Q1", 1)};
    CHECK_THROWS_AS(table.accept(jobs), base::UnavailableError);
    CHECK_THROWS_WITH(table.accept(jobs), Catch::Contains("read-only"));
    CHECK(table.counts().ready == 0);
    Database::administer("ALTER DATABASE " + database.name() +
                         " RESET default_transaction_read_only");
    // the connection is still a read-only one; it is left for a new one by itself
    CHECK_THROWS_AS(table.accept(jobs), base::UnavailableError);
    CHECK(table.accept(jobs) == std::vector<bool>{true});
}

TEST_CASE("a statement that takes too long is given up") {
    const Database database;
    auto options = database.options();
    options.statement_timeout = 50ms;
    store::Session session(options);
    CHECK_THROWS_AS(session.impl().run([](store::Transaction& transaction) {
        transaction.exec_text("SELECT pg_sleep(10)");
    }),
                    base::UnavailableError);
    session.ping();
}

TEST_CASE("a database without our schema names the command that makes it") {
    const Database database(Database::Kind::empty);
    store::Session session(database.options());
    store::ResultStore results(session);
    CHECK_THROWS_AS(results.get("w", tests::key("Q1").entity), store::SchemaError);
    CHECK_THROWS_WITH(results.get("w", tests::key("Q1").entity),
                      Catch::Contains("constraint-runner migrate"));
}

TEST_CASE("missing rights are no bug") {
    const Database database;
    database.rows("DO $$ BEGIN CREATE ROLE store_test_guest LOGIN; "
                  "EXCEPTION WHEN duplicate_object THEN NULL; END $$");
    auto options = database.options();
    options.conninfo += " user=store_test_guest";
    store::Session session(options);
    store::JobTable table(session);
    CHECK_THROWS_AS(table.counts(), base::PermissionError);
}

TEST_CASE("SQL states mean what they say") {
    CHECK(store::trouble_of("40P01") == Trouble::retry);
    CHECK(store::trouble_of("40001") == Trouble::retry);
    for (const char* state : {"53100", "53200", "53300", "57P01", "57P02", "57P03", "25006",
                              "08006", "58030", "57014"})
        CHECK(store::trouble_of(state) == Trouble::unavailable);
    for (const char* state : {"22021", "22P02", "22P05", "22003", "54000"})
        CHECK(store::trouble_of(state) == Trouble::data);
    for (const char* state : {"42P01", "3F000", "42703"})
        CHECK(store::trouble_of(state) == Trouble::schema);
    CHECK(store::trouble_of("42501") == Trouble::permission);
    CHECK(store::trouble_of("42601") == Trouble::bug);
    CHECK(store::trouble_of("23505") == Trouble::bug);
}

TEST_CASE("a pool lends so many sessions and no more") {
    const Database database;
    store::SessionPool pool(database.options(), 2);
    {
        const auto first = pool.borrow();
        const auto second = pool.borrow();
        first->ping();
        second->ping();
        CHECK_THROWS_AS(pool.borrow(1ms), base::UnavailableError);
    }
    const auto again = pool.borrow(1ms);
    CHECK(again->connected()); // not made anew
}

TEST_CASE("a transaction that loses to a deadlock is run again") {
    const Database database;
    database.rows("CREATE TABLE t (x int PRIMARY KEY, y int); INSERT INTO t VALUES (1,0), (2,0)");
    const auto work = [&](int first, int second) {
        store::Session session(database.options());
        for (int round = 0; round < 3; ++round)
            session.impl().run([&](store::Transaction& transaction) {
                const auto update = [&](int x) {
                    transaction.exec_text("UPDATE t SET y = y + 1 WHERE x = " +
                                          std::to_string(x));
                };
                update(first);
                transaction.exec_text("SELECT pg_sleep(0.02)");
                update(second);
            });
    };
    {
        std::jthread one(work, 1, 2);
        std::jthread two(work, 2, 1);
    }
    CHECK(database.rows("SELECT y FROM t ORDER BY x") == std::vector<std::string>{"6", "6"});
}
