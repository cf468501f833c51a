// SPDX-License-Identifier: GPL-2.0-or-later
// Who is checked again when an entity changes for others.
#include "database.hpp"

#include "store/change_store.hpp"

#include <catch2/catch.hpp>

using namespace runner;
using namespace std::chrono_literals;
using tests::completed;
using tests::Database;
using tests::dependency;
using Rows = std::vector<std::string>;

namespace {

struct Fixture {
    Database database;
    store::Session session{database.options()};
    store::ResultStore results{session};
    store::ChangeStore changes{session};
    std::uint64_t check = 0;

    /// Stores a result of `entity`, which others see as `seen` (0: nobody has looked).
    void put(std::string_view entity, std::uint64_t revision, std::uint64_t seen,
             std::vector<results::Dependency> dependencies = {}) {
        auto result = tests::result(entity, revision, {}, std::move(dependencies));
        result.seen = seen;
        (void)results.store(std::vector<store::Completed>{completed(std::move(result), ++check)});
    }
    void remove(std::string_view entity, std::uint64_t revision) {
        auto result = tests::result(entity, revision);
        result.deleted = true;
        (void)results.store(std::vector<store::Completed>{completed(std::move(result), ++check)});
    }
    /// The entities that are queued when all changes are followed; the queue is empty after.
    Rows follow(store::FollowedWiki wiki = {"testwiki", true, true}) {
        while (changes.follow({&wiki, 1}, -10, 0ms).changes > 0) {
        }
        return database.rows("WITH gone AS (DELETE FROM constraint_runner.job RETURNING *) "
                             "SELECT entity, priority FROM gone ORDER BY entity");
    }
    std::string waiting() {
        return database.one("SELECT count(*) FROM constraint_runner.entity_change");
    }
};

} // namespace

TEST_CASE_METHOD(Fixture, "whoever rests on an entity is queued when others see it differently") {
    put("Q1", 10, 100);
    put("Q2", 20, 200, {dependency("Q2", 20), dependency("Q1", 10), dependency("P5", 1)});
    put("Q3", 30, 300, {dependency("Q3", 30)});
    CHECK(waiting() == "0"); // all are new
    CHECK(follow().empty());

    put("Q1", 11, 100); // a label, say
    CHECK(waiting() == "0");
    put("Q1", 12, 101);
    CHECK(waiting() == "1");
    CHECK(follow() == Rows{"Q2|-10"});
    CHECK(waiting() == "0");
    CHECK(follow().empty());
}

TEST_CASE_METHOD(Fixture, "who has seen the new revision is not queued for it") {
    put("Q1", 10, 100);
    put("Q2", 20, 200, {dependency("Q1", 10)});
    put("Q3", 30, 300, {dependency("Q1", 10)});
    put("Q1", 11, 101, {dependency("Q1", 11)});
    put("Q2", 20, 200, {dependency("Q1", 11)});
    CHECK(follow() == Rows{"Q3|-10"});
}

TEST_CASE_METHOD(Fixture, "to be deleted and restored is to change") {
    put("Q1", 10, 100);
    put("Q2", 20, 200, {dependency("Q1", 10)});
    remove("Q1", 11);
    CHECK(follow() == Rows{"Q2|-10"});
    put("Q2", 20, 200, {dependency("Q1", 0)});
    remove("Q1", 12); // still not there
    CHECK(follow().empty());
    put("Q1", 13, 100);
    CHECK(follow() == Rows{"Q2|-10"});
}

TEST_CASE_METHOD(Fixture, "a result that nobody hashed hides no later change") {
    put("Q1", 10, 100);
    put("Q2", 20, 200, {dependency("Q1", 10)});
    put("Q1", 11, 0);
    CHECK(waiting() == "0");
    put("Q1", 12, 101);
    CHECK(follow() == Rows{"Q2|-10"});
}

TEST_CASE_METHOD(Fixture, "changes wait until checks that began before them have ended") {
    put("Q1", 10, 100);
    put("Q2", 20, 200, {dependency("Q1", 10)});
    put("Q1", 11, 101);
    const std::vector<store::FollowedWiki> wikis{{"testwiki", true, true}};
    CHECK(changes.follow(wikis, -10, 1h).changes == 0);
    CHECK(waiting() == "1");
    CHECK(follow() == Rows{"Q2|-10"});
}

TEST_CASE_METHOD(Fixture, "more dependents than one step takes are queued step by step") {
    put("Q1", 10, 100);
    (void)database.rows("INSERT INTO constraint_runner.dependency (wiki, entity, depends_on, revision) "
                     "SELECT 'testwiki', 'Q' || n, 'Q1', 10 FROM generate_series(1000, 12000) n");
    put("Q1", 11, 101);
    const std::vector<store::FollowedWiki> wikis{{"testwiki", true, true}};
    CHECK(changes.follow(wikis, -10, 0ms).jobs == 5'000);
    CHECK(waiting() == "1");
    CHECK(database.one("SELECT max(entity) FROM constraint_runner.job") ==
          database.one("SELECT after FROM constraint_runner.entity_change"));
    CHECK(follow().size() == 11'001);
    CHECK(waiting() == "0");
}

TEST_CASE_METHOD(Fixture, "where nothing can be checked again, or shall be, changes are forgotten") {
    put("Q1", 10, 100);
    put("Q2", 20, 200, {dependency("Q1", 10)});
    put("Q1", 11, 101);
    CHECK(follow({"otherwiki", true, true}).empty());
    CHECK(waiting() == "1"); // another runner's
    CHECK(follow({"testwiki", false, true}).empty());
    CHECK(waiting() == "0");
    put("Q1", 12, 102);
    CHECK(follow({"testwiki", true, false}).empty());
    CHECK(waiting() == "0");
}
