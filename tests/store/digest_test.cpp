// SPDX-License-Identifier: GPL-2.0-or-later
// The rows beside a result are compared only where their hashes say that something changed.
#include "database.hpp"
#include "store/results/result_store.hpp"

#include <catch2/catch.hpp>

#include <functional>

using namespace runner;
using tests::Database;
using Rows = std::vector<std::string>;

namespace {

struct Fixture {
    Database database;
    store::Session session{database.options()};
    store::ResultStore store{session};
    std::uint64_t revision = 10;

    /// Stores the next revision with what is always found, as `change` makes it.
    store::Outcome put(const std::function<void(store::Completed&)>& change = [](auto&) {}) {
        ++revision;
        auto made = tests::result("Q1", revision, {tests::violation("S1", "C1")},
                                  {tests::dependency("Q1", revision, 1),
                                   tests::dependency("Q2", 5, 2), tests::dependency("P1", 6, 3)});
        made.classes = made.checked_classes = {tests::key("Q9").entity};
        made.values = {{{1, 2, 3}, {7}, results::IndexedValue::not_asked}};
        auto completed = tests::completed(std::move(made), revision);
        change(completed);
        return store.store(std::vector<store::Completed>{completed}).front();
    }
    /// All rows as they are to be, for the last revision.
    Rows expected() const {
        return {"S1|C1|violation",
                "P1|6|3",
                "Q1|" + std::to_string(revision) + "|1",
                "Q2|5|2",
                "Q9",
                "Q9",
                "7"};
    }
    Rows rows() const {
        Rows all;
        for (const char* sql :
             {"SELECT statement, constraint_id, status FROM constraint_runner.violation",
              "SELECT depends_on, revision, seen FROM constraint_runner.dependency ORDER BY 1",
              "SELECT class FROM constraint_runner.violation_class",
              "SELECT class FROM constraint_runner.checked_class",
              "SELECT property FROM constraint_runner.distinct_value"})
            for (std::string& row : database.rows(sql))
                all.push_back(std::move(row));
        return all;
    }
    /// Every column but the entity's own revision.
    Rows all_columns() const {
        Rows all;
        for (const char* sql :
             {"SELECT v.* FROM constraint_runner.violation v ORDER BY statement",
              "SELECT d.* FROM constraint_runner.dependency d WHERE depends_on <> 'Q1' "
              "ORDER BY depends_on",
              "SELECT depends_on FROM constraint_runner.dependency WHERE depends_on = 'Q1'",
              "SELECT c.* FROM constraint_runner.violation_class c",
              "SELECT c.* FROM constraint_runner.checked_class c",
              "SELECT d.* FROM constraint_runner.distinct_value d"})
            for (std::string& row : database.rows(sql))
                all.push_back(std::move(row));
        return all;
    }
    void damage() const {
        for (const char* table :
             {"violation", "violation_class", "checked_class", "distinct_value"})
            database.rows(std::string("DELETE FROM constraint_runner.") + table);
        database.rows("DELETE FROM constraint_runner.dependency WHERE depends_on <> 'Q1'");
    }
};

} // namespace

TEST_CASE_METHOD(Fixture,
                 "what stays the same is not looked at, but for the entity's own revision") {
    CHECK(put().appeared == 1);
    CHECK(rows() == expected());
    (void)put();
    CHECK(rows() == expected());
    damage();
    const auto outcome = put();
    CHECK(outcome.appeared + outcome.disappeared == 0);
    CHECK(rows() == Rows{"Q1|" + std::to_string(revision) + "|1"}); // nobody has looked
    CHECK(database.one("SELECT count(*) FROM constraint_runner.event") == "1");
}

TEST_CASE_METHOD(Fixture, "each kind of row that changes is noticed") {
    using Change = std::function<void(results::StoredResult&)>;
    const Change change = GENERATE(values<Change>({
        [](auto& r) { r.violations.front().status = results::Status::warning; },
        [](auto& r) { r.violations.front().message_key = "other"; },
        [](auto& r) { r.violations.front().own_status = "compliance"; },
        [](auto& r) { r.violations.front().own = true; },
        [](auto& r) { r.violations.front().fix = R"({"replace_property":"P1"})"; },
        [](auto& r) { r.violations.front().property.number = 99; },
        [](auto& r) { r.violations.front().type = "Q99"; },
        [](auto& r) { r.violations.push_back(tests::violation("S2", "C1")); },
        [](auto& r) { r.violations.clear(); },
        [](auto& r) { r.dependencies[1].revision = 50; },
        [](auto& r) { r.dependencies[1].seen = 50; },
        [](auto& r) { r.dependencies[1].seen.reset(); },
        [](auto& r) { r.dependencies[1].named = false; },
        [](auto& r) { r.dependencies.pop_back(); },
        [](auto& r) { r.dependencies.erase(r.dependencies.begin()); },
        [](auto& r) { r.classes = {tests::key("Q8").entity}; },
        [](auto& r) { r.checked_classes = {tests::key("Q8").entity}; },
        [](auto& r) { r.values.front().key[0] = 9; },
        [](auto& r) { r.values.clear(); },
        [](auto& r) { r.deleted = true; },
    }));
    (void)put();
    const Rows before = all_columns();
    (void)put([&](store::Completed& completed) { change(completed.result); });
    CHECK(all_columns() != before);
    (void)put(); // and back
    CHECK(rows() == expected());
}

TEST_CASE_METHOD(Fixture, "rows that were damaged are mended where the store is distrusted") {
    (void)put();
    damage();
    SECTION("by a job that asks the wiki: a reset, a purge") {
        (void)put([](store::Completed& completed) {
            completed.lease.asks = true;
            completed.basis = store::Basis::answer;
        });
    }
    SECTION("by verify") {
        const std::vector<store::EntityKey> keys{tests::key("Q1")};
        store.distrust_rows(keys);
        (void)put();
    }
    SECTION("when something else changes too") {
        (void)put([](store::Completed& completed) {
            completed.result.violations.front().message_key = "other";
            completed.result.dependencies[1].revision = 50;
        });
        (void)put();
    }
    CHECK(rows() == expected());
}
