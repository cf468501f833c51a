// SPDX-License-Identifier: GPL-2.0-or-later
// Connections that break, databases that are away, full or read-only: errors that say so.
#include "database.hpp"
#include "store/common/session_impl.hpp"
#include "store/common/sql_error.hpp"
#include "store/jobs/job_table.hpp"
#include "store/results/result_store.hpp"

#include <catch2/catch.hpp>

#include <thread>

using namespace runner;
using store::Trouble;
using tests::Database;
using namespace std::chrono_literals;

TEST_CASE("a session connects at its first use and identifies itself") {
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

TEST_CASE("a connection that breaks while idle is reopened silently") {
    const Database database;
    store::Session session(database.options());
    store::ResultStore results(session);
    CHECK_FALSE(results.get("w", tests::key("Q1").entity));
    for (int times = 0; times < 3; ++times) {
        database.disconnect_all();
        CHECK_FALSE(results.get("w", tests::key("Q1").entity));
    }
}

TEST_CASE("a connection that breaks is made again once, and not when it breaks again") {
    const Database database;
    store::Session session(database.options());
    session.ping();
    int runs = 0;
    const auto cut = [&](store::Transaction& transaction) {
        ++runs;
        transaction.exec_text("SELECT pg_terminate_backend(pg_backend_pid())");
    };
    CHECK_THROWS_AS(session.impl().run(cut), base::UnavailableError);
    CHECK(runs == 2);
    session.ping();
}

TEST_CASE("a transaction whose commit broke off is not run again") {
    const Database database;
    database.rows(
        "CREATE TABLE t (x int); CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'; "
        "CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION cut()");
    store::Session session(database.options());
    session.ping();
    int runs = 0;
    CHECK_THROWS_AS(session.impl().run([&](store::Transaction& transaction) {
        ++runs;
        transaction.exec_text("INSERT INTO t VALUES (1)");
    }),
                    base::UnavailableError);
    CHECK(runs == 1);
}

TEST_CASE("the pause of one session is that of all, and ends for all when one of them connects") {
    const Database database;
    auto options = database.options();
    options.backoff_base = options.backoff_max = 1h;
    store::Session first(options);
    store::Session second(options);
    Database::administer("ALTER DATABASE " + database.name() + " ALLOW_CONNECTIONS false");
    CHECK_THROWS_AS(first.ping(), base::UnavailableError);
    Database::administer("ALTER DATABASE " + database.name() + " ALLOW_CONNECTIONS true");
    CHECK_THROWS_WITH(second.ping(), Catch::StartsWith("the database is unavailable: "));
    options.contact->succeeded(); // as a session that was before its pause
    first.ping();
    second.ping();
}

TEST_CASE("an unavailable database is tried again only after a pause") {
    store::DatabaseOptions nowhere;
    nowhere.conninfo = "host=/nonexistent-folder dbname=x";
    nowhere.backoff_base = 1h;
    nowhere.backoff_max = 1h;
    store::Session session(nowhere);
    CHECK_THROWS_AS(session.ping(), base::UnavailableError);
    CHECK_THROWS_WITH(session.ping(), Catch::Contains("nonexistent-folder"));
}

TEST_CASE("a read-only database is unavailable, not a bug, and comes back by itself") {
    const Database database;
    store::Session session(database.options());
    store::JobTable table(session);
    database.rows("ALTER DATABASE " + database.name() + " SET default_transaction_read_only = on");
    session.disconnect();
    const std::vector<store::NewJob> jobs{tests::job("Q1", 1)};
    CHECK_THROWS_AS(table.accept(jobs), base::UnavailableError);
    CHECK_THROWS_WITH(table.accept(jobs), Catch::Contains("read-only"));
    CHECK(table.counts().ready == 0);
    Database::administer("ALTER DATABASE " + database.name() +
                         " RESET default_transaction_read_only");
    // the connection is still a read-only one; it is left for a new one by itself
    CHECK(table.accept(jobs) == std::vector<bool>{true});
}

TEST_CASE("a statement that takes too long is abandoned") {
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
    CHECK_THROWS_AS(table.counts(), store::RightsError);
    CHECK_THROWS_WITH(table.counts(),
                      Catch::StartsWith("the role of database.conninfo lacks a right: "));
}

TEST_CASE("only the states of a row are the row's fault") {
    CHECK(store::trouble_of("40P01") == Trouble::retry);
    CHECK(store::trouble_of("40001") == Trouble::retry);
    CHECK(store::trouble_of("55P03") == Trouble::locked);
    for (const char* state : {"22021", "22P02", "22P05", "22003", "23514"})
        CHECK(store::trouble_of(state) == Trouble::row);
    for (const char* state :
         {"53100", "53200", "53300", "53400", "57P01", "57P02", "57P03", "25006", "08006", "58030",
          "57014", "40000", "40002", "40003", "55000"})
        CHECK(store::trouble_of(state) == Trouble::unavailable);
    for (const char* state : {"42P01", "3F000", "42703", "42883"})
        CHECK(store::trouble_of(state) == Trouble::schema);
    CHECK(store::trouble_of("42501") == Trouble::rights);
    for (const char* state : {"26000", "42P05"})
        CHECK(store::trouble_of(state) == Trouble::pooler);
    for (const char* state : {"54000", "42601", "23505", "23503", "P0001", "XX000", "99999"})
        CHECK(store::trouble_of(state) == Trouble::unknown);
}

TEST_CASE("errors of the server are what they are, with a sentence before the server's words") {
    const Database database;
    store::Session session(database.options());
    const auto raise = [&](const std::string& state) {
        session.impl().run([&](store::Transaction& transaction) {
            transaction.exec_text("DO $$ BEGIN RAISE 'server''s words' USING ERRCODE = '" + state +
                                  "'; END $$");
        });
    };
    CHECK_THROWS_AS(raise("22021"), base::DataError);
    CHECK_THROWS_AS(raise("23514"), base::DataError);
    CHECK_THROWS_AS(raise("54000"), store::UnknownError);
    CHECK_THROWS_AS(raise("99999"), store::UnknownError);
    CHECK_THROWS_AS(raise("42P01"), store::SchemaError);
    CHECK_THROWS_AS(raise("42501"), store::RightsError);
    for (const char* state : {"22021", "53100", "53200", "53300", "53000", "54000", "99999",
                              "42P01", "42501", "55000", "40002", "58030", "XX000"}) {
        INFO(state);
        CHECK_THROWS_WITH(raise(state), Catch::Matches("(the|another) [^:]+: .*server's words.*"));
    }
    CHECK_THROWS_WITH(raise("53100"), Catch::StartsWith("the database has no disk space left: "));
}

TEST_CASE(
    "prepared statements that vanish or are there already mean a pooler in transaction mode") {
    const Database database;
    store::Session session(database.options());
    for (const char* statements :
         {"EXECUTE vanished", "PREPARE twice AS SELECT 1; PREPARE twice AS SELECT 1"}) {
        const auto run = [&] {
            session.impl().run(
                [&](store::Transaction& transaction) { transaction.exec_text(statements); });
        };
        CHECK_THROWS_AS(run(), store::UnfitError);
        CHECK_THROWS_WITH(run(), Catch::Contains("a pooler in transaction mode"));
    }
}

TEST_CASE("a limit that is met at the commit is the server's, and no matter of a row") {
    const Database database; // as "too many notifications in the NOTIFY queue"
    database.rows(
        "CREATE TABLE t (x int); CREATE FUNCTION limited() RETURNS trigger LANGUAGE plpgsql "
        "AS 'BEGIN RAISE USING ERRCODE = ''54000''; END'; "
        "CREATE CONSTRAINT TRIGGER limited AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION limited()");
    store::Session session(database.options());
    const auto insert = [&] {
        session.impl().run([&](store::Transaction& transaction) {
            transaction.exec_text("INSERT INTO t VALUES (1)");
        });
    };
    CHECK_THROWS_WITH(insert(), Catch::StartsWith("the database is at one of its limits: "));
    try {
        insert();
    } catch (const store::UnknownError&) {
        FAIL("looks as if a row could be the reason");
    } catch (const base::UnavailableError&) {
    }
}

TEST_CASE("a database that can't hold every text is refused") {
    Database::administer("CREATE DATABASE store_test_latin1 ENCODING 'LATIN1' LC_COLLATE 'C' "
                         "LC_CTYPE 'C' TEMPLATE template0");
    const Database database;
    auto options = database.options();
    const auto name = options.conninfo.rfind("dbname=");
    options.conninfo = options.conninfo.substr(0, name) + "dbname=store_test_latin1";
    {
        store::Session session(options);
        CHECK_THROWS_AS(session.ping(), store::UnfitError);
    }
    store::Session session(options);
    session.disconnect();
    options.contact->succeeded(); // without the pause
    CHECK_THROWS_WITH(session.ping(), Catch::Contains("\"store_test_latin1\"") &&
                                          Catch::Contains("LATIN1") && Catch::Contains("UTF8"));
    Database::administer("DROP DATABASE store_test_latin1");
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
    CHECK(again->connected()); // not made again
}

TEST_CASE("a transaction that loses to a deadlock is run again") {
    const Database database;
    database.rows("CREATE TABLE t (x int PRIMARY KEY, y int); INSERT INTO t VALUES (1,0), (2,0)");
    const auto work = [&](int first, int second) {
        store::Session session(database.options());
        for (int round = 0; round < 3; ++round)
            session.impl().run([&](store::Transaction& transaction) {
                const auto update = [&](int x) {
                    transaction.exec_text("UPDATE t SET y = y + 1 WHERE x = " + std::to_string(x));
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

TEST_CASE("a connection that is gone is called closed, whatever noticed it") {
    for (const char* text :
         {"Could not obtain client encoding: not connected.", "Connection to database failed",
          "Lost connection to the database server."}) {
        const auto diagnosis =
            store::diagnose(std::make_exception_ptr(pqxx::broken_connection(text)));
        CHECK(diagnosis.text == "the database is unavailable: the connection was closed");
        CHECK(diagnosis.drop_connection);
        CHECK(store::diagnose(std::make_exception_ptr(pqxx::failure(text))).text == diagnosis.text);
    }
    const auto refused = store::diagnose(std::make_exception_ptr(
        pqxx::broken_connection("connection to server on socket failed: No such file\n")));
    CHECK(refused.text == "the database is unavailable: connection to server on socket failed: No "
                          "such file");
}
