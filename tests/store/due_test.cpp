// SPDX-License-Identifier: GPL-2.0-or-later
// Results that change when a time comes.
#include "job_fixture.hpp"
#include "store/results/due_results.hpp"

#include <catch2/catch.hpp>
#include <pqxx/pqxx>

#include <ctime>

using namespace runner;
using tests::completed;
using Rows = std::vector<std::string>;

namespace {

struct Fixture : tests::JobFixture {
    std::int64_t now = std::time(nullptr);
    std::uint64_t check = 0;

    void put(std::string_view entity, std::optional<std::int64_t> changes_at,
             bool deleted = false) {
        auto result = tests::result(entity, 10 + check);
        result.changes_at = changes_at;
        result.deleted = deleted;
        (void)results.store(std::vector<store::Completed>{completed(std::move(result), ++check)});
    }
    /// Stored with a time that has come since.
    void put_due(std::string_view entity, bool deleted = false) {
        put(entity, now + 3600, deleted);
        (void)database.rows(
            "UPDATE constraint_runner.entity_result SET changes_at = now() - interval '1 s' "
            "WHERE changes_at IS NOT NULL AND entity = '" +
            std::string(entity) + "'");
    }
    std::uint64_t queue_due(store::FollowedWiki wiki = {"testwiki", true, true}) {
        return store::queue_due_results(session, {&wiki, 1}, -10).changes;
    }
    Rows jobs() {
        return database.rows("WITH gone AS (DELETE FROM constraint_runner.job RETURNING *) "
                             "SELECT entity, priority, reason FROM gone ORDER BY entity");
    }
    bool stale(std::string_view entity) {
        return results.get("testwiki", *entity::EntityId::parse(entity))->stale;
    }
};

} // namespace

TEST_CASE_METHOD(Fixture, "an entity is queued when a time comes that its result depends on") {
    put_due("Q1");
    put("Q2", now + 3600);
    put("Q3", std::nullopt);
    put_due("Q4", true);
    put_due("L1-F1");
    CHECK(stale("Q1"));
    CHECK_FALSE(stale("Q2"));
    CHECK_FALSE(stale("Q3"));

    CHECK(queue_due() == 2);
    CHECK(stale("Q1")); // a job waits now
    CHECK(jobs() == Rows{"L1|-10|7", "Q1|-10|7"});
    CHECK(queue_due() == 0); // once
    CHECK(jobs().empty());

    put_due("Q1"); // by a clock that is behind
    CHECK(queue_due() == 1);
    put("Q2", std::nullopt); // edited meanwhile
    CHECK(database
              .rows("SELECT entity FROM constraint_runner.entity_result "
                    "WHERE changes_at IS NOT NULL")
              .empty());
}

TEST_CASE_METHOD(Fixture, "a runner whose clock is behind does not check without a pause") {
    put("Q1", now - 20);
    CHECK(queue_due() == 0);
    CHECK(database.one("SELECT extract(epoch FROM changes_at - now()) BETWEEN 3 AND 5 "
                       "FROM constraint_runner.entity_result") == "t");
}

TEST_CASE_METHOD(Fixture, "other wikis' results are not queued, nor those that can't be checked") {
    put_due("Q1");
    CHECK(queue_due({"otherwiki", true, true}) == 0);
    CHECK(queue_due({"testwiki", false, true}) == 0);
    CHECK(queue_due({"testwiki", true, false}) == 1);
}

TEST_CASE_METHOD(Fixture, "a result that is being stored is passed over and queued afterwards") {
    put_due("Q1");
    put_due("Q2");
    {
        pqxx::connection other(database.options().conninfo);
        pqxx::work storing(other);
        storing.exec("SELECT FROM constraint_runner.entity_result WHERE entity = 'Q1' FOR UPDATE");
        CHECK(queue_due() == 1);
        CHECK(jobs() == Rows{"Q2|-10|7"});
    }
    CHECK(queue_due() == 1);
    CHECK(jobs() == Rows{"Q1|-10|7"});
}
