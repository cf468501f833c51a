// SPDX-License-Identifier: GPL-2.0-or-later
// Which check is stored, and what is compared when it is: the rules of result_order.hpp, and of
// dependencies at commit.
#include "job_fixture.hpp"
#include "store/results/result_order.hpp"

#include <catch2/catch.hpp>

using namespace runner;
using namespace std::chrono_literals;
using store::Basis;
using store::JobState;
using store::Order;
using store::StoreState;
using tests::dependency;
using Rows = std::vector<std::string>;

namespace {

struct Fixture : tests::JobFixture {
    store::Outcome end(const store::Lease& lease, Basis basis, results::StoredResult result) {
        auto completed = tests::completed(lease, std::move(result));
        completed.basis = basis;
        return results.store({&completed, 1}).at(0);
    }
    /// Stores what the wiki answers now.
    void answer(std::string_view entity, std::uint64_t revision, std::uint64_t seen = 1) {
        auto result = tests::result(entity, revision);
        result.seen = seen;
        result.deleted = seen == results::seen_missing;
        auto completed = tests::completed(std::move(result), results.next_check());
        completed.basis = Basis::answer;
        REQUIRE(results.store({&completed, 1}).at(0).result == StoreState::stored);
    }
    std::string row() {
        return database.one("SELECT revision || CASE tombstone WHEN 0 THEN '' ELSE ' gone' END "
                            "FROM constraint_runner.entity_result WHERE entity = 'Q1'");
    }
};

store::Known known(std::uint64_t revision, std::uint64_t check, std::uint64_t asked = 0) {
    store::Known row;
    row.present = row.found = true;
    row.revision = row.newest = revision;
    row.check = check;
    row.asked = asked;
    return row;
}

} // namespace

TEST_CASE("an answer counts when no later question was answered") {
    const auto order = [](const store::Known& row, std::uint64_t revision, std::uint64_t check,
                          bool confirmed = false) {
        return store::order_of(row, {Basis::answer, true, revision, check, confirmed});
    };
    CHECK(order({}, 5, 1) == Order::store);
    CHECK(order(known(5, 1, 1), 6, 2) == Order::store);
    CHECK(order(known(5, 1, 1), 5, 2) == Order::store);
    CHECK(order(known(5, 3, 3), 6, 2) == Order::outdated);
    CHECK(order(known(5, 1, 1), 4, 2) == Order::confirm);
    CHECK(order(known(5, 1, 1), 4, 2, true) == Order::store);
    // a document of a check that began later was stored
    CHECK(order(known(5, 3), 5, 2) == Order::outdated);
    CHECK(order(known(5, 3), 6, 2) == Order::store);
    CHECK(order(known(5, 3), 4, 2) == Order::ask);
    store::Known gone = known(5, 1, 1);
    gone.found = false;
    CHECK(order(gone, 3, 2) == Order::store); // restored in part
    CHECK(store::order_of(known(5, 3), {Basis::answer, false, 5, 2, false}) == Order::ask);
    CHECK(store::order_of(known(5, 3), {Basis::answer, false, 5, 4, false}) == Order::store);
}

TEST_CASE("a document counts when it can be the present state") {
    const auto order = [](const store::Known& row, std::uint64_t revision, std::uint64_t check) {
        return store::order_of(row, {Basis::document, true, revision, check, false});
    };
    CHECK(order({}, 5, 1) == Order::store);
    CHECK(order(known(5, 1), 6, 2) == Order::store);
    CHECK(order(known(5, 1), 4, 2) == Order::ask);
    CHECK(order(known(5, 1), 5, 2) == Order::store);
    CHECK(order(known(5, 2), 5, 1) == Order::outdated);
    CHECK(order(known(5, 3, 3), 6, 2) == Order::ask); // the wiki was asked since
    store::Known restored = known(5, 1, 1);
    restored.ask_always = true;
    CHECK(order(restored, 6, 2) == Order::ask);
    CHECK(order(restored, 5, 2) == Order::store);
    store::Known lowered = known(5, 1, 1);
    lowered.newest = 9;
    CHECK(order(lowered, 9, 2) == Order::ask);
    CHECK(order(lowered, 10, 2) == Order::store);
}

TEST_CASE_METHOD(Fixture, "a lower revision is stored when it is answered twice") {
    answer("Q1", 9);
    auto job = tests::job("Q1", 0);
    auto first = lease(job);
    CHECK_FALSE(first.confirm);
    const auto outcome = end(first, Basis::answer, tests::result("Q1", 7));
    CHECK(outcome.result == StoreState::unsure);
    CHECK(outcome.job == JobState::delayed);
    CHECK(row() == "9");
    all_due();
    auto second = next();
    CHECK(second.confirm);
    CHECK(second.attempts == 1);
    CHECK(end(second, Basis::answer, tests::result("Q1", 7)).result == StoreState::stored);
    CHECK(row() == "7");
    all_due();
    CHECK(end(next(), Basis::answer, tests::result("Q1", 7)).job == JobState::ended);
}

TEST_CASE_METHOD(Fixture, "a source that lags changes nothing") {
    answer("Q1", 9);
    (void)end(lease(tests::job("Q1", 0)), Basis::answer, tests::result("Q1", 7));
    all_due();
    CHECK(end(next(), Basis::answer, tests::result("Q1", 9)).job == JobState::ended);
    CHECK(row() == "9");
}

TEST_CASE_METHOD(Fixture,
                 "a revision that a job announced is waited for, also of a restored page") {
    answer("Q1", 9);
    answer("Q1", 9, results::seen_missing);
    answer("Q1", 9);
    auto announced = lease(tests::job("Q1", 12));
    REQUIRE(announced.known.ask_always);
    double seconds = 0;
    for (int time = 1; time <= 8; ++time) { // for as long as replicas lag, except in outages
        CHECK(end(announced, Basis::answer, tests::result("Q1", 9)).job == JobState::delayed);
        seconds += std::stod(database.one("SELECT extract(epoch FROM due_at - now()) "
                                          "FROM constraint_runner.job"));
        all_due();
        announced = next();
        CHECK(announced.attempts == 1);
    }
    CHECK(seconds > 60);
    CHECK(end(announced, Basis::answer, tests::result("Q1", 9)).job == JobState::ended);
    // it comes late: the page is restored without it
    CHECK(row() == "9");

    announced = lease(tests::job("Q1", 12));
    (void)end(announced, Basis::answer, tests::result("Q1", 9));
    all_due();
    CHECK(end(next(), Basis::answer, tests::result("Q1", 12)).job == JobState::ended);
    CHECK(row() == "12");
}

TEST_CASE_METHOD(Fixture, "a page that was announced and is missing is asked for again") {
    auto gone = tests::result("Q1", 0);
    gone.deleted = true;
    gone.seen = results::seen_missing;
    auto held = lease(tests::job("Q1", 12));
    for (int time = 1; time <= 8; ++time) {
        CHECK(end(held, Basis::answer, gone).job == JobState::delayed);
        CHECK(row() == "12 gone");
        all_due();
        held = next();
        CHECK(held.attempts == 1);
    }
    SECTION("it never comes") { CHECK(end(held, Basis::answer, gone).job == JobState::ended); }
    SECTION("it comes") {
        CHECK(end(held, Basis::answer, tests::result("Q1", 12)).job == JobState::ended);
        CHECK(row() == "12");
    }
    SECTION("its deletion is announced meanwhile") {
        const auto deletion = tests::job("Q1", 0);
        (void)jobs.accept({&deletion, 1});
        CHECK(end(held, Basis::answer, gone).job == JobState::again);
        CHECK(end(next(), Basis::answer, gone).job == JobState::ended);
    }
}

TEST_CASE_METHOD(Fixture, "a document that comes late for a page that is gone is not used") {
    answer("Q1", 9, results::seen_missing);
    CHECK(row() == "9 gone");
    auto held = lease(tests::job("Q1", 10, R"({"id":"Q1"})"));
    CHECK_FALSE(held.document_is_current());
    // a worker that did not know it
    const auto outcome = end(held, Basis::document, tests::result("Q1", 10));
    CHECK(outcome.result == StoreState::unsure);
    CHECK(outcome.job == JobState::again);
    CHECK(row() == "9 gone");
    const auto again = next();
    CHECK_FALSE(again.has_document);
    CHECK(again.attempts == 1);
}

TEST_CASE_METHOD(Fixture, "an old document is not used") {
    answer("Q1", 9);
    CHECK_FALSE(lease(tests::job("Q1", 8, R"({"id":"Q1"})")).document_is_current());
}

TEST_CASE_METHOD(Fixture, "a newer document is used") {
    answer("Q1", 9);
    const auto held = lease(tests::job("Q1", 10, R"({"id":"Q1"})"));
    CHECK(held.document_is_current());
    CHECK(end(held, Basis::document, tests::result("Q1", 10)).job == JobState::ended);
    CHECK(row() == "10");
}

TEST_CASE_METHOD(Fixture, "a dependency that the store knows differently means another check") {
    answer("Q5", 50, 500);
    for (const std::uint64_t revision : {std::uint64_t{49}, std::uint64_t{51}}) {
        const auto held = lease(tests::job("Q1", 10));
        auto outcome = end(held, Basis::answer,
                           tests::result("Q1", 10, {}, {dependency("Q5", revision, 499)}));
        CHECK(outcome.result == StoreState::stored); // better than nothing
        CHECK(outcome.job == JobState::delayed);
        CHECK(outcome.differing == std::vector{tests::key("Q5").entity});
        CHECK(database.one("SELECT entity FROM constraint_runner.entity_change WHERE kind = 1") ==
              "Q5");
        all_due();
        const auto again = next();
        CHECK(again.rechecks == 1);
        CHECK(again.attempts == 1);
        outcome =
            end(again, Basis::answer, tests::result("Q1", 10, {}, {dependency("Q5", 52, 500)}));
        CHECK(outcome.job == JobState::ended); // another revision, nothing that Q1 sees
    }
}

TEST_CASE_METHOD(Fixture, "dependencies that are stored together are compared with each other") {
    answer("Q5", 50, 500);
    auto first = tests::result("Q1", 10, {}, {dependency("Q5", 51, 501)});
    auto second = tests::result("Q5", 51);
    second.seen = 501;
    std::vector<store::Completed> batch{tests::completed(first, results.next_check()),
                                        tests::completed(second, results.next_check())};
    for (store::Completed& each : batch)
        each.basis = Basis::answer;
    CHECK_FALSE(results.store(batch).at(0).differs());
}

namespace {

/// What the wiki says of Q5: missing, or a redirect.
results::StoredResult redirect(std::string_view target) {
    auto result = tests::result("Q5", 0);
    result.deleted = true;
    result.seen = target.empty() ? results::seen_missing : 77;
    if (!target.empty())
        result.class_node = {tests::key("Q5").entity,
                             0,
                             results::ClassNode::State::redirect,
                             {tests::key(target).entity}};
    return result;
}

} // namespace

TEST_CASE_METHOD(Fixture, "a redirect that a check saw is asked for when nothing is known of it") {
    auto result = tests::result("Q1", 10, {}, {dependency("Q5", 0, 77)});
    result.dependencies.front().redirect = true;
    const auto noted = [&] {
        return database.rows("SELECT entity FROM constraint_runner.entity_change WHERE kind = 1");
    };
    SECTION("unknown") {
        CHECK(end(lease(tests::job("Q1", 10)), Basis::answer, result).job == JobState::ended);
        CHECK(noted() == Rows{"Q5"});
    }
    SECTION("known") {
        (void)end(lease(tests::job("Q5")), Basis::answer, redirect("Q2"));
        (void)end(lease(tests::job("Q1", 10)), Basis::answer, result);
        CHECK(noted().empty());
    }
}

TEST_CASE_METHOD(Fixture,
                 "a redirect that is missing while its target is there is asked for again") {
    answer("Q2", 20, 200);
    (void)end(lease(tests::job("Q5")), Basis::answer, redirect("Q2"));
    const auto waiting = [&] {
        (void)database.rows("DELETE FROM constraint_runner.entity_change WHERE entity <> 'Q2'");
        return database.one("DELETE FROM constraint_runner.entity_change RETURNING kind");
    };
    (void)waiting();

    SECTION("the target was stored before") {
        store::Lease held = lease(tests::job("Q5"));
        for (std::uint32_t rechecks = 0; rechecks < 2; ++rechecks) {
            CHECK(end(held, Basis::answer, redirect("")).job == JobState::delayed);
            all_due();
            held = next();
        }
        // the page itself is gone, as it seems; an edit of the target has it asked for again
        CHECK(end(held, Basis::answer, redirect("")).job == JobState::ended);
        (void)waiting();
        answer("Q2", 21, 200);
        CHECK(waiting() == "0");
    }
    SECTION("the target is stored after it, and others see it as before") {
        answer("Q2", 21, 0);
        (void)end(lease(tests::job("Q5")), Basis::answer, redirect(""));
        CHECK(database.one("SELECT count(*) FROM constraint_runner.job") == "0");
        (void)waiting();
        (void)database.rows(
            "UPDATE constraint_runner.entity_result SET seen = 200 WHERE entity = 'Q2'");
        answer("Q2", 22, 200);
        CHECK(waiting() == "0");
    }
    SECTION("it is not a redirect any more") {
        auto found = tests::result("Q5", 30);
        found.seen = 300;
        (void)end(lease(tests::job("Q5", 30)), Basis::answer, found);
        (void)end(lease(tests::job("Q5")), Basis::answer, redirect(""));
        CHECK(database.one("SELECT count(*) FROM constraint_runner.job") == "0");
    }
}

TEST_CASE_METHOD(Fixture, "what an import finds changed is queued, without a job of its own") {
    answer("Q5", 50, 500);
    auto completed = tests::completed(tests::result("Q1", 10, {}, {dependency("Q5", 49, 499)}),
                                      results.next_check());
    completed.basis = Basis::document;
    CHECK(results.store({&completed, 1}).at(0).job == JobState::none);
    CHECK(database.rows("SELECT entity FROM constraint_runner.entity_change WHERE kind = 1 "
                        "ORDER BY 1") == Rows{"Q1", "Q5"});
}

TEST_CASE_METHOD(Fixture, "forms and senses are stored, replaced and removed with their lexeme") {
    const auto put = [&](std::vector<std::string> parts, std::uint64_t revision, bool deleted) {
        auto result = tests::result("L1", revision);
        result.deleted = deleted;
        auto completed = tests::completed(std::move(result), results.next_check());
        completed.basis = Basis::answer;
        for (const std::string& part : parts)
            completed.parts.push_back(tests::result(part, revision, {tests::violation("s", "c")}));
        REQUIRE(results.store({&completed, 1}).at(0).result == StoreState::stored);
        return database.rows("SELECT entity FROM constraint_runner.entity_result "
                             "WHERE tombstone = 0 ORDER BY 1");
    };
    answer("L10", 1);
    CHECK(put({"L1-F1", "L1-F2", "L1-S1"}, 5, false) ==
          Rows{"L1", "L1-F1", "L1-F2", "L1-S1", "L10"});
    CHECK(put({"L1-F2"}, 6, false) == Rows{"L1", "L1-F2", "L10"});
    CHECK(database.rows("SELECT entity FROM constraint_runner.violation") == Rows{"L1-F2"});
    CHECK(put({}, 7, true) == Rows{"L10"});
    CHECK(database.one("SELECT count(*) FROM constraint_runner.violation") == "0");
}

TEST_CASE_METHOD(Fixture, "a reset page takes whatever the wiki answers") {
    answer("Q1", 999'999);
    CHECK(results.reset(tests::key("Q1"), 10));
    CHECK_FALSE(results.reset(tests::key("Q2"), 10));
    const auto held = next();
    CHECK(held.asks);
    CHECK(end(held, Basis::answer, tests::result("Q1", 12)).result == StoreState::stored);
    CHECK(row() == "12");
}
