// SPDX-License-Identifier: GPL-2.0-or-later
// Everything of a wiki is removed, or nothing.
#include "database.hpp"
#include "store/jobs/job_table.hpp"
#include "store/lists/wiki_removal.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <thread>

using namespace runner;
using tests::completed;
using tests::Database;
using Rows = std::vector<std::string>;

namespace {

struct Fixture {
    Database database;
    store::Session session{database.options()};

    /// A row in every table that has rows of wikis, for two wikis; made from the catalog, so that a
    /// table of a later migration is not forgotten.
    void fill() {
        for (const char* wiki : {"gone", "stays"}) {
            store::ResultStore results(session);
            (void)results.store(std::vector<store::Completed>{
                completed(tests::result("Q1", 1, {tests::violation("Q1$1", "P1$1")},
                                        {tests::dependency("P1", 3)}),
                          ++check, wiki)});
        }
        for (const std::string& table : tables())
            if (database.one("SELECT count(*) FROM constraint_runner." + table) == "0")
                for (const char* wiki : {"gone", "stays"})
                    database.rows(insert_defaults(table, wiki));
    }
    Rows tables() const {
        return database.rows(
            "SELECT table_name FROM information_schema.columns JOIN information_schema.tables "
            "USING (table_schema, table_name) WHERE table_schema = 'constraint_runner' AND "
            "table_type = 'BASE TABLE' AND column_name = 'wiki' AND table_name <> 'wiki_role' "
            "ORDER BY 1");
    }
    std::string insert_defaults(const std::string& table, const std::string& wiki) const {
        std::string columns = "wiki";
        std::string values = "'" + wiki + "'";
        for (
            const std::string& row : database.rows(
                "SELECT column_name, CASE WHEN data_type IN ('bigint', 'integer', 'smallint') THEN "
                "'1' WHEN data_type LIKE 'timestamp%' THEN 'now()' WHEN data_type = 'boolean' THEN "
                "'false' WHEN data_type = 'ARRAY' THEN '''{}''' WHEN data_type LIKE 'json%' THEN "
                "'''{}''' WHEN data_type = 'xid8' THEN 'pg_current_xact_id()' WHEN data_type = "
                "'uuid' THEN 'gen_random_uuid()' WHEN data_type = 'USER-DEFINED' THEN "
                "'(enum_range(null::' || udt_schema || '.' || udt_name || '))[1]' ELSE '''x''' END "
                "FROM information_schema.columns WHERE table_schema = 'constraint_runner' AND "
                "table_name = '" +
                table +
                "' AND is_nullable = 'NO' AND column_default IS NULL "
                "AND is_identity = 'NO' AND column_name <> 'wiki'")) {
            columns += ", " + row.substr(0, row.find('|'));
            values += ", " + row.substr(row.find('|') + 1);
        }
        return "INSERT INTO constraint_runner." + table + " (" + columns + ") VALUES (" + values +
               ")";
    }
    std::string count(const std::string& table, const std::string& wiki) const {
        return database.one("SELECT count(*) FROM constraint_runner." + table + " WHERE wiki = '" +
                            wiki + "'");
    }
    std::uint64_t check = 0;
};

} // namespace

TEST_CASE_METHOD(Fixture, "removing a wiki empties every table of its rows, and of no others") {
    fill();
    REQUIRE(tables().size() > 10);
    const store::WikiRemoved removed = store::remove_wiki(session, "gone");
    CHECK(removed.results == 1);
    CHECK(removed.violations == 1);
    CHECK(removed.rows >= tables().size());
    for (const std::string& table : tables()) {
        INFO(table);
        CHECK(count(table, "gone") == "0");
        CHECK(count(table, "stays") != "0");
    }
    CHECK(store::remove_wiki(session, "gone").rows == 0);
}

TEST_CASE_METHOD(Fixture, "a wiki whose jobs are being worked on is not removed at all") {
    fill();
    database.rows("UPDATE constraint_runner.job SET state = 'leased' WHERE wiki = 'gone'");
    CHECK_THROWS_AS(store::remove_wiki(session, "gone"), store::WikiBusy);
    for (const std::string& table : tables())
        CHECK(count(table, "gone") != "0");
}

TEST_CASE_METHOD(Fixture, "what is stored during the removal is kept whole or removed whole") {
    // one thread stores the same entity again and again, with and without pairs
    std::atomic<bool> stop{false};
    std::thread storing([&] {
        store::Session other(database.options());
        store::ResultStore results(other);
        for (std::uint64_t n = 1; !stop; ++n)
            (void)results.store(std::vector<store::Completed>{
                completed(tests::result("Q1", n, {tests::violation("Q1$1", "P1$1")},
                                        {tests::dependency("P1", n)}),
                          n, "gone")});
    });
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(2);
    unsigned removals = 0;
    while (std::chrono::steady_clock::now() < until) {
        try {
            if (store::remove_wiki(session, "gone").results > 0)
                ++removals;
        } catch (const base::Error&) {
            // ten times in a row the same row was changed meanwhile
        }
        const std::string rows = database.one(
            "SELECT (SELECT count(*) FROM constraint_runner.entity_result WHERE wiki = 'gone') = "
            "(SELECT count(*) FROM constraint_runner.violation WHERE wiki = 'gone') AND "
            "(SELECT count(*) FROM constraint_runner.entity_result WHERE wiki = 'gone') = "
            "(SELECT count(*) FROM constraint_runner.dependency WHERE wiki = 'gone')");
        if (rows != "t") {
            FAIL_CHECK("half of a result is left");
            break;
        }
    }
    stop = true;
    storing.join();
    CHECK(removals > 0);
}
