// SPDX-License-Identifier: GPL-2.0-or-later
// Migrations: once, in order, by one runner at a time, and never over what does not fit.
#include "database.hpp"
#include "store/common/migrations.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

using namespace runner;
using Catch::Contains;
using tests::Database;

namespace {

constexpr store::Migration first{1, "0001_first", "CREATE TABLE constraint_runner.a (x int)"};
constexpr store::Migration first_changed{1, "0001_first",
                                         "CREATE TABLE constraint_runner.a (x bigint)"};
constexpr store::Migration second{2, "0002_second", "CREATE TABLE constraint_runner.b (x int)"};
constexpr store::Migration broken{2, "0002_broken",
                                  "CREATE TABLE constraint_runner.c (x int); SELECT 1/0"};

} // namespace

TEST_CASE("an empty database gets the whole schema, and a second time changes nothing") {
    const Database database(Database::Kind::empty);
    store::Session session(database.options());
    CHECK(store::schema_version(session) == 0);
    CHECK_THROWS_WITH(store::check_schema(session), Contains("run `constraint-runner migrate`"));

    const auto report = store::migrate(session);
    CHECK(report.version_before == 0);
    CHECK(report.version_after == store::embedded_migrations().size());
    CHECK(report.applied.size() == store::embedded_migrations().size());
    CHECK(report.applied.front() == "0001_results");
    store::check_schema(session);
    CHECK(store::schema_version(session) == report.version_after);

    const auto again = store::migrate(session);
    CHECK(again.applied.empty());
    CHECK(again.version_before == report.version_after);
    CHECK(database.one("SELECT count(*), count(DISTINCT checksum) FROM "
                       "constraint_runner.schema_migration") ==
          std::to_string(report.version_after) + "|" + std::to_string(report.version_after));
}

TEST_CASE("a dry run lists what would be applied and changes nothing") {
    const Database database(Database::Kind::empty);
    store::Session session(database.options());
    const auto report = store::migrate(session, true);
    CHECK(report.applied.size() == store::embedded_migrations().size());
    CHECK(report.version_after == 0);
    CHECK(database.one("SELECT count(*) FROM pg_namespace WHERE nspname = 'constraint_runner'") ==
          "0");
}

TEST_CASE("every primary key begins with wiki, then what is an entity") {
    const Database database;
    const auto keys = database.rows(
        "SELECT c.relname, (SELECT string_agg(a.attname, ',' ORDER BY k.n) "
        "FROM unnest(i.indkey) WITH ORDINALITY k(attnum, n) "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum) "
        "FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid "
        "JOIN pg_namespace s ON s.oid = c.relnamespace "
        "WHERE i.indisprimary AND s.nspname = 'constraint_runner' "
        // an import is named by its number alone, and settings are a row for each wiki
        "AND c.relname NOT IN ('schema_migration', 'import', 'import_problem', 'wiki_settings', "
        "'changed_class', 'runner', 'import_item', 'import_job', 'commons_file', 'wiki_role', "
        "'import_notify', 'import_delivery', 'pause')");
    CHECK(keys.size() >= 7);
    for (const std::string& key : keys)
        CHECK_THAT(key + ",", Contains("|wiki,entity,") || Contains("|wiki,class,") ||
                                  Contains("|wiki,redirect,") || Contains("|wiki,subject_key,"));
}

TEST_CASE("a later version applies only what is new") {
    const Database database(Database::Kind::empty);
    store::Session session(database.options());
    const std::vector<store::Migration> one{first};
    const std::vector<store::Migration> two{first, second};
    CHECK(store::migrate(session, false, one).applied == std::vector<std::string>{"0001_first"});
    CHECK(store::migrate(session, true, two).applied == std::vector<std::string>{"0002_second"});
    const auto report = store::migrate(session, false, two);
    CHECK(report.version_before == 1);
    CHECK(report.version_after == 2);
    CHECK(report.applied == std::vector<std::string>{"0002_second"});
}

TEST_CASE("a changed migration is refused") {
    const Database database(Database::Kind::empty);
    store::Session session(database.options());
    store::migrate(session, false, std::vector<store::Migration>{first});
    for (const bool dry_run : {true, false}) {
        CHECK_THROWS_AS(
            store::migrate(session, dry_run, std::vector<store::Migration>{first_changed, second}),
            store::SchemaError);
        CHECK_THROWS_WITH(
            store::migrate(session, dry_run, std::vector<store::Migration>{first_changed}),
            Contains("0001_first was changed after it was applied"));
    }
    CHECK(store::schema_version(session) == 1);
}

TEST_CASE("a newer schema is refused with the way out") {
    const Database database;
    store::Session session(database.options());
    database.rows("INSERT INTO constraint_runner.schema_migration (number, name, checksum) "
                  "VALUES (9999, '9999_future', 'x')");
    CHECK_THROWS_AS(store::check_schema(session), store::SchemaError);
    CHECK_THROWS_WITH(store::check_schema(session),
                      Contains("9999") && Contains("update constraint-runner"));
    CHECK_THROWS_AS(store::migrate(session), store::SchemaError);
    CHECK_THROWS_AS(store::migrate(session, true), store::SchemaError);
}

TEST_CASE("a migration that fails leaves nothing behind") {
    const Database database(Database::Kind::empty);
    store::Session session(database.options());
    CHECK_THROWS(store::migrate(session, false, std::vector<store::Migration>{first, broken}));
    CHECK(store::schema_version(session) == 0);
    CHECK(database.one("SELECT count(*) FROM pg_namespace WHERE nspname = 'constraint_runner'") ==
          "0");
}

TEST_CASE("many runners that migrate at once apply each migration once") {
    const Database database(Database::Kind::empty);
    std::atomic<int> worked{0};
    std::mutex mutex;
    std::vector<std::string> errors;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 8; ++i)
            threads.emplace_back([&] {
                store::Session session(database.options());
                try {
                    if (!store::migrate(session).applied.empty())
                        ++worked;
                    store::check_schema(session);
                } catch (const std::exception& error) {
                    const std::lock_guard lock(mutex);
                    errors.emplace_back(error.what());
                }
            });
    }
    CHECK(worked == 1);
    CHECK(errors == std::vector<std::string>{});
}

TEST_CASE("an up-to-date schema needs no right to write") {
    const Database database;
    auto options = database.options();
    options.conninfo += " options='-c default_transaction_read_only=on'";
    store::Session session(options);
    CHECK(store::migrate(session).applied.empty());
    store::check_schema(session);
}

TEST_CASE("large values are compressed with lz4 where the server can, and stay json") {
    const Database database;
    CHECK(database.one("SELECT attcompression FROM pg_attribute WHERE attname = 'value' AND "
                       "attrelid = 'constraint_runner.entity_result'::regclass") == "l");
    CHECK(database.one("SELECT format_type(atttypid, -1) FROM pg_attribute WHERE attname = "
                       "'value' AND attrelid = 'constraint_runner.entity_result'::regclass") ==
          "json");
    CHECK(database.one("SELECT attstorage FROM pg_attribute WHERE attname = 'document' AND "
                       "attrelid = 'constraint_runner.job'::regclass") == "e");
}

TEST_CASE("the classes that a database knows already are found from above too") {
    const Database database(Database::Kind::empty);
    store::Session session(database.options());
    const auto all = store::embedded_migrations();
    store::migrate(session, false, all.first(9));
    // Q5 below Q6 and Q4294967295; Q6 below a property, which nobody asks for; half an id
    database.rows("INSERT INTO constraint_runner.class_node VALUES "
                  "(5, 1, now(), 0, 'testwiki', '\\x000000000000000600000000ffffffff'), "
                  "(6, 1, now(), 0, 'testwiki', '\\x000000010000001f'), "
                  "(7, 1, now(), 1, 'testwiki', ''), (8, 1, now(), 2, 'otherwiki', "
                  "'\\x0000000000000009000000')");
    store::migrate(session);
    CHECK(database.rows("SELECT wiki, class, superclass FROM constraint_runner.class_edge "
                        "ORDER BY 1, 2, 3") ==
          std::vector<std::string>{"otherwiki|Q8|Q9", "testwiki|Q5|Q4294967295", "testwiki|Q5|Q6"});
}

TEST_CASE("the files that imports of a subject shared become those of the newest complete one") {
    const Database database(Database::Kind::empty);
    store::Session session(database.options());
    const auto all = store::embedded_migrations();
    const std::size_t shared = 19; // the last version in which they did
    CHECK(store::migrate(session, false, all.first(shared)).version_after == shared);
    database.rows(R"(
        INSERT INTO constraint_runner.import (wiki, kind, subject, subject_key, parameters, counts,
                                              state)
        SELECT 'w', 'category', s, md5(s)::uuid, '{}', '{}',
               state::constraint_runner.import_state
        FROM (VALUES ('A', 'complete'), ('A', 'complete'), ('A', 'active'), ('B', 'failed'))
             AS i(s, state))");
    database.rows(R"(
        INSERT INTO constraint_runner.commons_file (wiki, subject_key, import_id, change, page_id,
            width, height, name, major_mime, minor_mime, first_at, latest_at)
        SELECT 'w', md5(s)::uuid, id, change, page, 1, 1, 'F' || page, 'image', 'jpeg', '', ''
        FROM (VALUES ('A', 1, 1, 1), ('A', 1, 4, 2), ('A', 2, 2, 3), ('A', 2, 4, 4),
                     ('A', 3, 3, 5), ('B', 4, 1, 6), ('gone', 9, 1, 7)) AS f(s, id, change, page))");
    CHECK(store::migrate(session).applied.front() == "0020_import_lists");
    CHECK(database.rows("SELECT import_id, page_id, change FROM constraint_runner.commons_file "
                        "ORDER BY 2") ==
          std::vector<std::string>{"2|1|0", "2|3|2", "2|4|4", "3|5|3", "4|6|1"});
    CHECK(database.rows("SELECT id, base_id, data_deleted_at IS NOT NULL FROM "
                        "constraint_runner.import ORDER BY 1") ==
          std::vector<std::string>{"1|NULL|t", "2|NULL|f", "3|2|f", "4|NULL|f"});
}
