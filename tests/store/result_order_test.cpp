// SPDX-License-Identifier: GPL-2.0-or-later
// An older revision never overwrites a newer one, in whatever order checks come to their end.
#include "database.hpp"
#include "store/results/result_store.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <mutex>
#include <random>
#include <thread>

using namespace runner;
using store::StoreState;
using tests::completed;
using tests::Database;
using tests::dependency;
using tests::result;
using tests::violation;
using Rows = std::vector<std::string>;

namespace {

StoreState put(store::ResultStore& store, store::Completed completed) {
    return store.store(std::vector<store::Completed>{std::move(completed)}).at(0).result;
}

results::StoredResult deleted(std::string_view entity, std::uint64_t revision) {
    auto gone = result(entity, revision, {violation("s", "c")}, {dependency("P1", 1)});
    gone.deleted = true;
    gone.value.clear();
    return gone;
}

std::string everything(const Database& database) {
    return database.one(
        "SELECT (SELECT revision FROM constraint_runner.entity_result) || ' ' || "
        "coalesce((SELECT string_agg(statement, ',' ORDER BY statement) FROM "
        "constraint_runner.violation), '') || ' ' || "
        "coalesce((SELECT string_agg(depends_on || '@' || revision, ',' ORDER BY depends_on) FROM "
        "constraint_runner.dependency), '')");
}

} // namespace

TEST_CASE("an older revision changes nothing: neither result, nor pairs, nor dependencies") {
    const Database database;
    store::Session session(database.options());
    store::ResultStore store(session);
    CHECK(put(store, completed(result("Q1", 9, {violation("new", "c")}, {dependency("P2", 1)}),
                               1)) == StoreState::stored);
    CHECK(put(store, completed(result("Q1", 8, {violation("old", "c")}, {dependency("P1", 1)}),
                               2)) == StoreState::outdated);
    CHECK(everything(database) == "9 new P2@1");
    CHECK(database.one("SELECT count(*) FROM constraint_runner.event") == "1");
}

TEST_CASE("of two checks of one revision the newer wins, whichever ends first") {
    const Database database;
    store::Session session(database.options());
    store::ResultStore store(session);
    put(store, completed(result("Q1", 9, {violation("second", "c")}), 2));
    CHECK(put(store, completed(result("Q1", 9, {violation("first", "c")}), 1)) ==
          StoreState::outdated);
    CHECK(everything(database) == "9 second ");
    CHECK(put(store, completed(result("Q1", 9, {violation("third", "c")}), 3)) ==
          StoreState::stored);
    CHECK(everything(database) == "9 third ");
}

TEST_CASE("repeating a call whose end was unknown changes nothing") {
    const Database database;
    store::Session session(database.options());
    store::ResultStore store(session);
    const auto check = completed(result("Q1", 9, {violation("s", "c")}), 1);
    put(store, check);
    const auto row = database.one("SELECT xmin FROM constraint_runner.entity_result");
    CHECK(put(store, check) == StoreState::outdated);
    CHECK(database.one("SELECT xmin FROM constraint_runner.entity_result") == row);
    CHECK(database.one("SELECT count(*) FROM constraint_runner.event") == "1");
}

TEST_CASE("of one entity's checks in one batch only the newest is stored") {
    const Database database;
    store::Session session(database.options());
    store::ResultStore store(session);
    const auto outcomes = store.store(
        std::vector<store::Completed>{completed(result("Q1", 5, {violation("five", "c")}), 3),
                                      completed(result("Q1", 7, {violation("seven", "c")}), 1),
                                      completed(result("Q1", 6, {violation("six", "c")}), 2)});
    CHECK(outcomes[0].result == StoreState::outdated);
    CHECK(outcomes[1].result == StoreState::stored);
    CHECK(outcomes[2].result == StoreState::outdated);
    CHECK(everything(database) == "7 seven ");
}

TEST_CASE("a deleted entity loses its rows, and an older check does not bring them back") {
    const Database database;
    store::Session session(database.options());
    store::ResultStore store(session);
    put(store, completed(result("Q1", 5, {violation("s", "c")}, {dependency("P1", 1)}), 1));
    for (const std::uint64_t revision : {std::uint64_t{6}, std::uint64_t{0}}) {
        INFO("deletion known at revision " << revision);
        CHECK(put(store, completed(deleted("Q1", revision), 10 + (revision == 0 ? 1U : 0U))) ==
              StoreState::stored);
        CHECK_FALSE(store.get("testwiki", tests::key("Q1").entity));
        CHECK(everything(database) == "6  ");
        // a check of the revision before, begun before the deletion and ended after it
        CHECK(put(store, completed(result("Q1", 5, {violation("s", "c")}), 2)) ==
              StoreState::outdated);
        CHECK_FALSE(store.get("testwiki", tests::key("Q1").entity));
        CHECK(everything(database) == "6  ");
    }
    CHECK(database.rows("SELECT deleted, json_array_length(disappeared) FROM "
                        "constraint_runner.event ORDER BY id") == Rows{"f|0", "t|1"});
}

TEST_CASE("a missing entity of unknown revision yields only to newer checks") {
    const Database database;
    store::Session session(database.options());
    store::ResultStore store(session);
    put(store, completed(result("Q1", 5), 4));
    CHECK(put(store, completed(deleted("Q1", 0), 3)) == StoreState::outdated);
    CHECK(store.get("testwiki", tests::key("Q1").entity));
    CHECK(put(store, completed(deleted("Q1", 0), 5)) == StoreState::stored);
    CHECK_FALSE(store.get("testwiki", tests::key("Q1").entity));
    // restored: an undeleted page has its old revision
    CHECK(put(store, completed(result("Q1", 5, {violation("s", "c")}), 6)) == StoreState::stored);
    CHECK(everything(database) == "5 s ");
}

TEST_CASE("an entity that never was stored leaves a mark when it is found missing") {
    const Database database;
    store::Session session(database.options());
    store::ResultStore store(session);
    auto check = completed(deleted("Q1", 0), 7);
    check.lease.revision = 4; // what the job asked for
    CHECK(put(store, check) == StoreState::stored);
    CHECK(put(store, completed(result("Q1", 4), 6)) == StoreState::outdated);
    CHECK(put(store, completed(result("Q1", 3), 8)) == StoreState::outdated);
    CHECK(put(store, completed(result("Q1", 4), 8)) == StoreState::stored);
}

TEST_CASE("a result without a revision has the one that its job asked for") {
    const Database database;
    store::Session session(database.options());
    store::ResultStore store(session);
    auto check = completed(result("Q1", 0), 1);
    check.lease.revision = 4;
    put(store, check);
    CHECK(store.get("testwiki", tests::key("Q1").entity)->revision == 4);
}

TEST_CASE("racing transactions of all revisions of some entities end with the newest of each") {
    const Database database;
    constexpr int entities = 12;
    constexpr int revisions = 25;
    std::vector<store::Completed> checks;
    for (int entity = 1; entity <= entities; ++entity)
        for (std::uint64_t revision = 1; revision <= revisions; ++revision) {
            const auto text = std::to_string(revision);
            // the later the revision, the earlier its check began
            checks.push_back(
                completed(result("Q" + std::to_string(entity), revision,
                                 {violation("always", "c"), violation("s" + text, "c"),
                                  violation("even", text)},
                                 {dependency("P1", revision), dependency("P" + text, 1)}),
                          revisions - revision + 1));
        }
    std::shuffle(checks.begin(), checks.end(), std::mt19937(20261121));
    std::mutex mutex;
    std::vector<std::string> errors;
    {
        std::vector<std::jthread> threads;
        for (std::size_t t = 0; t < 6; ++t)
            threads.emplace_back([&, t] {
                try {
                    store::Session session(database.options());
                    store::ResultStore store(session);
                    for (std::size_t i = t * 5; i < checks.size(); i += 30)
                        (void)store.store(std::span(checks).subspan(
                            i, std::min<std::size_t>(5, checks.size() - i)));
                } catch (const std::exception& error) {
                    const std::lock_guard lock(mutex);
                    errors.emplace_back(error.what());
                }
            });
    }
    CHECK(errors == std::vector<std::string>{});
    CHECK(database.one("SELECT count(*), min(revision), max(revision) FROM "
                       "constraint_runner.entity_result") == "12|25|25");
    CHECK(database.rows("SELECT statement, constraint_id, count(*) FROM "
                        "constraint_runner.violation GROUP BY 1, 2 ORDER BY 1, 2") ==
          Rows{"always|c|12", "even|25|12", "s25|c|12"});
    CHECK(database.rows("SELECT depends_on, revision, count(*) FROM "
                        "constraint_runner.dependency GROUP BY 1, 2 ORDER BY 1") ==
          Rows{"P1|25|12", "P25|1|12"});
    // what the events say adds up to what is there
    CHECK(database.one("SELECT sum(json_array_length(appeared)) - "
                       "sum(json_array_length(disappeared)) FROM constraint_runner.event") == "36");
}

TEST_CASE("large parallel batches over the same entities in opposite orders don't deadlock") {
    const Database database;
    std::mutex mutex;
    std::vector<std::string> errors;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&, t] {
                try {
                    store::Session session(database.options());
                    store::ResultStore store(session);
                    for (std::uint64_t round = 1; round <= 5; ++round) {
                        std::vector<store::Completed> batch;
                        for (int i = 1; i <= 100; ++i) {
                            const int entity = t % 2 == 0 ? i : 101 - i;
                            auto made = result("Q" + std::to_string(entity), round,
                                               {violation("s" + std::to_string(t), "c")});
                            made.deleted = entity % 10 == t;
                            batch.push_back(
                                completed(std::move(made), round * 10 + std::uint64_t(t)));
                        }
                        (void)store.store(batch);
                    }
                } catch (const std::exception& error) {
                    const std::lock_guard lock(mutex);
                    errors.emplace_back(error.what());
                }
            });
    }
    CHECK(errors == std::vector<std::string>{});
    CHECK(database.one("SELECT count(*), min(revision) FROM constraint_runner.entity_result") ==
          "100|5");
    CHECK(database.one("SELECT deadlocks FROM pg_stat_database WHERE datname = "
                       "current_database()") == "0");
}
