// SPDX-License-Identifier: GPL-2.0-or-later
// What is stored is what is read, and rows that stay the same are not written.
#include "database.hpp"
#include "store/common/session_impl.hpp"
#include "store/results/result_store.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <utility>

using namespace runner;
using results::Status;
using store::StoreState;
using tests::completed;
using tests::Database;
using tests::dependency;
using tests::result;
using tests::violation;
using Rows = std::vector<std::string>;

namespace {

store::Outcome put(store::ResultStore& store, store::Completed completed) {
    auto outcomes = store.store(std::vector<store::Completed>{std::move(completed)});
    REQUIRE(outcomes.size() == 1);
    return outcomes.front();
}

constexpr const char* pairs = "SELECT statement, constraint_id, status FROM "
                              "constraint_runner.violation ORDER BY 1, 2";

} // namespace

TEST_CASE("a stored result comes back byte for byte") {
    const Database database;
    store::Session session(database.options());
    store::ResultStore store(session);
    auto made = result("Q42", 17);
    made.value = "{ \"results\":[{\"b\":1,\"a\":\"\\u00e4\\\\ 日本\"}],\n  "
                 "\"latestRevisionIds\":{\"Q42\":17,\"P31\":4} }";
    made.counts = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    made.engine = "native";
    CHECK(put(store, completed(made, 1)).result == StoreState::stored);

    const auto row = store.get("testwiki", made.entity);
    REQUIRE(row);
    CHECK(row->revision == 17);
    CHECK(row->value == made.value);
    CHECK(row->counts == made.counts);
    CHECK(row->incomplete.empty());
    CHECK(row->duration_us == 1234);
    CHECK(row->engine == "native");
    CHECK_THAT(row->checked_at, Catch::Matches(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)"));
    CHECK_FALSE(store.get("otherwiki", made.entity));
    CHECK_FALSE(store.get("testwiki", tests::key("Q43").entity));
}

TEST_CASE("an empty batch asks the database nothing") {
    store::DatabaseOptions nowhere;
    nowhere.conninfo = "host=/nonexistent";
    store::Session session(nowhere);
    store::ResultStore store(session);
    CHECK(store.store({}).empty());
}

TEST_CASE("reasons of an incomplete result are kept") {
    const Database database;
    store::Session session(database.options());
    store::ResultStore store(session);
    auto made = result("Q42", 17);
    made.incomplete = {"P1: the pattern's limit", "with \"quotes\", {braces} and \\", ""};
    put(store, completed(made, 1));
    CHECK(store.get("testwiki", made.entity)->incomplete == made.incomplete);
}

TEST_CASE("violation pairs change by difference and tell it in one event") {
    const Database database;
    store::Session session(database.options());
    store::ResultStore store(session);
    const auto first =
        put(store,
            completed(result("Q1", 1,
                             {violation("s1", "c1"), violation("s1", "c2"), violation("s2", "c1")}),
                      1));
    CHECK(first.appeared == 3);
    CHECK(first.disappeared == 0);
    const auto before = database.rows("SELECT statement, constraint_id, xmin, ctid, xmax FROM "
                                      "constraint_runner.violation ORDER BY 1, 2");

    const auto second =
        put(store, completed(result("Q1", 2,
                                    {violation("s1", "c1"), violation("s2", "c1", Status::warning),
                                     violation("s3", "c1", Status::suggestion)}),
                             2));
    CHECK(second.appeared == 1);
    CHECK(second.disappeared == 1);
    CHECK(database.rows(pairs) == Rows{"s1|c1|violation", "s2|c1|warning", "s3|c1|suggestion"});
    const auto after = database.rows("SELECT statement, constraint_id, xmin, ctid, xmax FROM "
                                     "constraint_runner.violation ORDER BY 1, 2");
    CHECK(after[0] == before[0]); // not touched, not even locked
    CHECK(after[1] != before[2]);

    CHECK(database.rows("SELECT entity, revision, deleted, appeared->0->>'statement', "
                        "json_array_length(appeared), disappeared->0->>'constraint', "
                        "json_array_length(disappeared), json_array_length(changed) "
                        "FROM constraint_runner.event ORDER BY id") ==
          Rows{"Q1|1|f|s1|3|NULL|0|0", "Q1|2|f|s3|1|c2|1|1"});
}

TEST_CASE("what the runner finds beyond WBQC is stored beside it, and its events say so") {
    const Database database;
    store::Session session(database.options());
    store::ResultStore store(session);
    auto made = result("Q42", 17, {violation("Q42$a", "P1$c"), violation("Q42$b", "P1$d")});
    CHECK(put(store, completed(made, 1)).appeared == 2);
    constexpr const char* own =
        "SELECT statement || ' ' || own || ' ' || coalesce(fix, '-') || ' ' "
        "|| coalesce(own_status, '-') FROM constraint_runner.violation "
        "ORDER BY 1";
    CHECK(database.rows(own) == Rows{"Q42$a false - -", "Q42$b false - -"});
    CHECK(store.get("testwiki", made.entity)->own.empty());

    made.revision = 18;
    made.own = "[{\"own\": true}]";
    made.violations[0].fix = R"({"replace_property":"P7","own":true})";
    made.violations[0].own_status = "compliance";
    made.violations[1].own = true;
    made.violations.push_back(violation("Q42$c", "P1$e"));
    made.violations[2].own = true;
    made.violations[2].fix = R"({"replace_value":null,"own":true})";
    CHECK(put(store, completed(made, 2)).appeared == 1);
    CHECK(store.get("testwiki", made.entity)->own == made.own);
    CHECK(database.rows(own) ==
          Rows{R"(Q42$a false {"replace_property":"P7","own":true} compliance)", "Q42$b true - -",
               R"(Q42$c true {"replace_value":null,"own":true} -)"});
    CHECK(database.one("SELECT appeared->0->>'own' || (appeared->0->'fix'->>'own') "
                       "FROM constraint_runner.event WHERE revision = 18") == "truetrue");
    CHECK(database.one("SELECT changed->0->>'own' || json_array_length(changed) "
                       "FROM constraint_runner.event WHERE revision = 18") == "true1");

    made.revision = 19;
    made.own.clear();
    made.violations.pop_back();
    made.violations[0].fix.clear();
    made.violations[0].own_status.clear();
    made.violations[1].own = false;
    CHECK(put(store, completed(made, 3)).disappeared == 1);
    CHECK(database.rows(own) == Rows{"Q42$a false - -", "Q42$b false - -"});
    CHECK(store.get("testwiki", made.entity)->own.empty());
    CHECK(database.one("SELECT own IS NULL FROM constraint_runner.entity_result") == "t");
    CHECK(database.one("SELECT changed->0->>'from_own' || (changed->0->'own' IS NULL) "
                       "FROM constraint_runner.event WHERE revision = 19") == "truetrue");
    CHECK(database.one("SELECT disappeared->0->>'own' FROM constraint_runner.event "
                       "WHERE revision = 19") == "true");
}

TEST_CASE("no event tells of a result whose pairs stay the same") {
    const Database database;
    store::Session session(database.options());
    store::ResultStore store(session);
    put(store, completed(result("Q1", 1, {violation("s1", "c1")}), 1));
    put(store, completed(result("Q1", 2, {violation("s1", "c1")}), 2));
    auto other_message = violation("s1", "c1");
    other_message.message_key = "another";
    put(store, completed(result("Q1", 3, {other_message}), 3));
    put(store, completed(result("Q2", 1), 4));
    CHECK(database.one("SELECT count(*) FROM constraint_runner.event") == "1");
    CHECK(database.one("SELECT message_key FROM constraint_runner.violation") == "another");
}

TEST_CASE("an event tells of pairs that only changed their status or the constraint's type") {
    const Database database;
    store::Session session(database.options());
    store::ResultStore store(session);
    put(store, completed(result("Q1", 1, {violation("s1", "c1"), violation("s2", "c1")}), 1));
    auto retyped = violation("s2", "c1");
    const std::string type = std::exchange(retyped.type, "Q999");
    const auto outcome = put(
        store,
        completed(result("Q1", 2, {violation("s1", "c1", Status::bad_parameters), retyped}), 2));
    CHECK(outcome.appeared == 0);
    CHECK(outcome.disappeared == 0);
    CHECK(database.rows("SELECT appeared, disappeared, changed FROM constraint_runner.event "
                        "WHERE revision = 2") ==
          Rows{R"([]|[]|[{"statement":"s1","constraint":"c1","property":"P31","type":")" + type +
               R"(","from":"violation","to":"bad-parameters"},{"statement":"s2",)"
               R"("constraint":"c1","property":"P31","type":"Q999","from":"violation",)"
               R"("to":"violation","from_type":")" +
               type + R"("}])"});
    CHECK(database.rows(pairs) == Rows{"s1|c1|bad-parameters", "s2|c1|violation"});
}

TEST_CASE("the events of an entity are in the order in which they happened") {
    const Database database;
    store::Session session(database.options());
    store::ResultStore store(session);
    // the later transaction has the lower number: it began first and had to wait
    put(store, completed(result("Q1", 1, {violation("s1", "c1")}), 1));
    database.rows("SET session_replication_role = replica; UPDATE constraint_runner.event SET "
                  "transaction = (transaction::text::bigint + 1000)::text::xid8");
    put(store, completed(result("Q1", 2), 2));
    put(store, completed(result("Q2", 1, {violation("s1", "c1")}), 3));
    CHECK(database.rows("SELECT entity, revision FROM constraint_runner.event "
                        "ORDER BY transaction, id") == Rows{"Q2|1", "Q1|1", "Q1|2"});
}

TEST_CASE("dependencies change by difference") {
    const Database database;
    store::Session session(database.options());
    store::ResultStore store(session);
    put(store, completed(result("Q1", 1, {},
                                {dependency("Q1", 1), dependency("P31", 5), dependency("Q5", 0),
                                 dependency("P2", 1)}),
                         1));
    const auto before = database.one("SELECT xmin, ctid, xmax FROM constraint_runner.dependency "
                                     "WHERE depends_on = 'P31'");
    put(store, completed(result("Q1", 2, {},
                                {dependency("Q1", 2), dependency("P31", 5), dependency("Q5", 9),
                                 dependency("L7-F1", 3)}),
                         2));
    CHECK(database.rows("SELECT depends_on, revision FROM constraint_runner.dependency "
                        "ORDER BY 1") == Rows{"L7-F1|3", "P31|5", "Q1|2", "Q5|9"});
    CHECK(database.one("SELECT xmin, ctid, xmax FROM constraint_runner.dependency "
                       "WHERE depends_on = 'P31'") == before);
}

TEST_CASE("a pair or dependency given twice is one row") {
    const Database database;
    store::Session session(database.options());
    store::ResultStore store(session);
    put(store, completed(result("Q1", 1,
                                {violation("s1", "c1", Status::warning),
                                 violation("s1", "c1", Status::violation)},
                                {dependency("P31", 5), dependency("P31", 6)}),
                         1));
    CHECK(database.rows(pairs) == Rows{"s1|c1|violation"});
    CHECK(database.rows("SELECT depends_on, revision FROM constraint_runner.dependency") ==
          Rows{"P31|5"});
}

TEST_CASE("a result that the database can't take does not keep the others from being stored") {
    const Database database;
    store::Session session(database.options());
    store::ResultStore store(session);
    std::vector<store::Completed> batch;
    for (int i = 1; i <= 9; ++i)
        batch.push_back(completed(result("Q" + std::to_string(i), 1), 1));
    batch[2].result.value = "{broken";
    batch[6].result.violations = {violation(std::string("nul\0byte", 8), "c")};
    batch[7].result.violations = {violation("not utf-8 \xff", "c")};
    const auto outcomes = store.store(batch);
    REQUIRE(outcomes.size() == 9);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        const bool bad = i == 2 || i == 6 || i == 7;
        CHECK(outcomes[i].result == (bad ? StoreState::rejected : StoreState::stored));
        CHECK(outcomes[i].reason.empty() == !bad);
    }
    CHECK(database.one("SELECT count(*) FROM constraint_runner.entity_result") == "6");
}

TEST_CASE("wikis don't see each other's results") {
    const Database database;
    store::Session session(database.options());
    store::ResultStore store(session);
    put(store, completed(result("Q1", 5, {violation("s", "c")}), 1, "onewiki"));
    put(store, completed(result("Q1", 3), 2, "twowiki"));
    CHECK(store.get("onewiki", tests::key("Q1").entity)->revision == 5);
    CHECK(store.get("twowiki", tests::key("Q1").entity)->revision == 3);
    CHECK(database.one("SELECT wiki FROM constraint_runner.violation") == "onewiki");
}

TEST_CASE("the statements of a batch do not grow with the number of dependencies") {
    const Database database;
    store::Session session(database.options());
    store::ResultStore store(session);
    const auto executed = [&] {
        std::int64_t count = 0;
        session.impl().run([&](store::Transaction& transaction) {
            count = transaction
                        .exec_text("SELECT coalesce(sum(generic_plans + custom_plans), 0)::bigint "
                                   "FROM pg_prepared_statements")[0][0]
                        .as<std::int64_t>();
        });
        return count;
    };
    std::uint64_t revision = 0;
    const auto statements_of_batch = [&](int dependencies) {
        ++revision;
        std::vector<store::Completed> batch;
        for (int i = 1; i <= 20; ++i) {
            std::vector<results::Dependency> others;
            for (int other = 0; other < dependencies; ++other)
                others.push_back(dependency(fmt::format("Q{}", 1000 + other), revision));
            batch.push_back(completed(result(fmt::format("Q{}", i), revision,
                                             {violation("s1", fmt::format("c{}", revision))},
                                             std::move(others)),
                                      revision * 100 + static_cast<std::uint64_t>(i)));
        }
        const std::int64_t before = executed();
        for (const store::Outcome& outcome : store.store(std::move(batch)))
            CHECK(outcome.result == StoreState::stored);
        return executed() - before;
    };
    (void)statements_of_batch(2);                    // everything is prepared
    const std::int64_t few = statements_of_batch(4); // some are new and some have changed
    CHECK(few > 5);
    CHECK(statements_of_batch(400) == few);
}
