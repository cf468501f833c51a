// SPDX-License-Identifier: GPL-2.0-or-later
// Who has which value, and whom it concerns when that changes.
#include "database.hpp"
#include "store/jobs/job_table.hpp"
#include "store/results/value_store.hpp"

#include <catch2/catch.hpp>

using namespace runner;
using tests::completed;
using tests::Database;
using Rows = std::vector<std::string>;

namespace {

results::ValueKey key_of(std::uint8_t name) {
    results::ValueKey key{};
    key.back() = name;
    return key;
}

constexpr int not_asked = -1;

struct Fixture {
    Database database;
    store::Session session{database.options()};
    store::ResultStore results{session};
    store::ValueStore values{session};
    std::uint64_t check = 0;

    /// Stores a result of `entity` that has these values; of each the check named that number of
    /// others: the first ones that are there, then some that are not.
    void put(std::string_view entity, const std::vector<std::pair<std::uint8_t, int>>& names,
             std::uint64_t revision = 0, const std::string& wiki = "testwiki") {
        ++check;
        auto result = tests::result(entity, revision != 0 ? revision : check);
        for (const auto& [name, others] : names)
            result.values.push_back({key_of(name),
                                     {7},
                                     others == not_asked
                                         ? results::IndexedValue::not_asked
                                         : hash_of_others(entity, name, others, wiki)});
        (void)results.store(
            std::vector<store::Completed>{completed(std::move(result), check, wiki)});
    }
    std::uint64_t hash_of_others(std::string_view entity, std::uint8_t name, int count,
                                 const std::string& wiki) {
        results::EntitySetHash hash;
        const std::vector<results::ValueKey> keys{key_of(name)};
        const auto found = values.others(wiki, tests::key(entity).entity, keys, 10).at(0);
        for (int i = 0; i < count; ++i)
            hash.add(static_cast<std::size_t>(i) < found.size()
                         ? found[static_cast<std::size_t>(i)].to_string()
                         : "Q40" + std::to_string(i));
        return hash.value();
    }
    void put_asking(std::string_view entity, std::uint8_t name, int others) {
        ++check;
        auto result = tests::result(entity, check);
        result.values.push_back(
            {results::asking(key_of(name)),
             {7},
             hash_of_others(entity, name, others, "testwiki") | results::IndexedValue::only_asks});
        (void)results.store(std::vector<store::Completed>{completed(std::move(result), check)});
    }
    void remove(std::string_view entity) {
        ++check;
        auto result = tests::result(entity, check);
        result.deleted = true;
        (void)results.store(std::vector<store::Completed>{completed(std::move(result), check)});
    }
    /// The entities that are queued when all changes are followed; the queue is empty after.
    Rows follow(bool has_source = true) {
        const std::vector<store::FollowedWiki> wikis{{"testwiki", has_source}};
        while (values.follow_changes(wikis, -10).changes > 0) {
        }
        return database.rows("WITH gone AS (DELETE FROM constraint_runner.job RETURNING *) "
                             "SELECT entity, priority FROM gone ORDER BY entity");
    }
    std::vector<std::string> others(std::string_view self, std::uint8_t name) {
        const std::vector<results::ValueKey> keys{key_of(99), key_of(name)};
        const auto found = values.others("testwiki", tests::key(self).entity, keys, 10);
        CHECK(found.at(0).empty());
        std::vector<std::string> ids;
        for (const auto& id : found.at(1))
            ids.push_back(id.to_string());
        return ids;
    }
};

} // namespace

TEST_CASE_METHOD(Fixture, "values are kept with the result and go with it") {
    put("Q1", {{1, 0}, {2, 0}});
    put("Q2", {{1, 1}});
    put("Q10", {{1, 2}});
    CHECK(others("Q1", 1) == Rows{"Q2", "Q10"});
    CHECK(others("Q2", 2) == Rows{"Q1"});
    CHECK(database.rows("SELECT DISTINCT property, wiki FROM constraint_runner.distinct_value") ==
          Rows{"7|testwiki"});
    put("Q1", {{2, 0}, {3, 0}});
    CHECK(others("Q2", 1) == Rows{"Q10"});
    CHECK(others("Q2", 3) == Rows{"Q1"});
    remove("Q1");
    CHECK(others("Q2", 3).empty());
    CHECK(database.one("SELECT count(*) FROM constraint_runner.distinct_value") == "2");
}

TEST_CASE_METHOD(Fixture, "an older revision does not bring old values back") {
    put("Q1", {{1, 0}}, 50);
    put("Q1", {{2, 0}}, 40);
    CHECK(others("Q9", 1) == Rows{"Q1"});
    CHECK(others("Q9", 2).empty());
}

TEST_CASE_METHOD(Fixture, "wikis share no values") {
    put("Q1", {{1, 0}});
    put("Q2", {{1, 0}}, 0, "otherwiki");
    CHECK(others("Q3", 1) == Rows{"Q1"});
    CHECK(follow().empty());
    // the other wiki's change waits for a runner that knows that wiki
    CHECK(database.rows("SELECT wiki, entity FROM constraint_runner.value_change") ==
          Rows{"otherwiki|Q2"});
}

TEST_CASE_METHOD(Fixture, "whoever shares a value is checked again when it is gained or lost") {
    put("Q1", {{1, 0}, {5, 0}});
    CHECK(follow().empty());
    put("Q2", {{1, 1}});
    CHECK(follow() == Rows{"Q1|-10"});
    put("Q3", {{1, 2}, {6, 0}});
    CHECK(follow() == Rows{"Q1|-10", "Q2|-10"});
    put("Q3", {{1, 2}, {6, 0}});
    CHECK(follow().empty()); // nothing changed
    put("Q3", {{6, 0}});
    CHECK(follow() == Rows{"Q1|-10", "Q2|-10"});
    remove("Q2");
    CHECK(follow() == Rows{"Q1|-10"});
}

TEST_CASE_METHOD(Fixture, "an entity that did not see all others is checked again itself") {
    put("Q1", {{1, 0}});
    put("Q2", {{1, 0}}); // while Q1 was stored
    CHECK(follow() == Rows{"Q1|-10", "Q2|-10"});
    put("Q5", {{5, 1}}); // saw one that is gone meanwhile
    CHECK(follow() == Rows{"Q5|-10"});
}

TEST_CASE_METHOD(Fixture,
                 "an entity that only asks for a value is found by none, and checked again") {
    put_asking("Q1", 1, 0);
    CHECK(follow().empty());
    CHECK(others("Q9", 1).empty());
    put("Q2", {{1, 0}});
    CHECK(follow() == Rows{"Q1|-10"});
    put_asking("Q1", 1, 1);
    CHECK(follow().empty());
    put_asking("Q3", 1, 0); // while Q2 was stored
    CHECK(follow() == Rows{"Q3|-10"});
    remove("Q2");
    CHECK(follow() == Rows{"Q1|-10", "Q3|-10"});
    put_asking("Q4", 1, 0);
    CHECK(follow().empty());
}

TEST_CASE_METHOD(Fixture, "a value that the check does not ask for concerns others only") {
    put("Q1", {{1, 0}});
    CHECK(follow().empty());
    put("Q2", {{1, not_asked}});
    CHECK(follow() == Rows{"Q1|-10"});
    put("Q2", {});
    CHECK(follow() == Rows{"Q1|-10"});
}

TEST_CASE_METHOD(Fixture, "of many who share a value only those are concerned who would name it") {
    for (int i = 10; i < 30; ++i) {
        put("Q" + std::to_string(i), {{1, std::min(i - 10, 10)}});
        (void)follow();
    }
    put("Q99", {{1, 10}});
    CHECK(follow().empty()); // the twenty-first: nobody names it
    put("Q1", {{1, 10}});
    CHECK(follow().size() == 21); // the first: all name it
    put("Q99", {});
    CHECK(follow().empty());
    put("Q1", {});
    CHECK(follow().size() == 20);
}

TEST_CASE_METHOD(Fixture, "a wiki without a source can check nothing again") {
    put("Q1", {{1, 0}});
    put("Q2", {{1, 1}});
    CHECK(follow(false).empty());
    CHECK(database.one("SELECT count(*) FROM constraint_runner.value_change") == "0");
}

TEST_CASE_METHOD(Fixture, "a job that waits keeps its place and its document") {
    put("Q1", {{1, 0}});
    CHECK(follow().empty());
    put("Q2", {{1, 1}});
    const std::vector<store::NewJob> jobs{tests::job("Q1", 77, R"({"id":"Q1"})", 3)};
    CHECK(store::JobTable(session).accept(jobs) == std::vector<bool>{true});
    const std::vector<store::FollowedWiki> wikis{{"testwiki", true}};
    const auto followed = values.follow_changes(wikis, -10);
    CHECK(followed.changes == 1);
    CHECK(followed.jobs == 0);
    CHECK(followed.coalesced == 1);
    CHECK(database.rows("SELECT entity, revision, priority, document IS NOT NULL "
                        "FROM constraint_runner.job") == Rows{"Q1|77|3|t"});
}
