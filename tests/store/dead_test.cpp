// SPDX-License-Identifier: GPL-2.0-or-later
// Failed attempts, incomplete results, the dead list and honest counts.
#include "database.hpp"
#include "store/jobs/job_table.hpp"
#include "store/results/result_store.hpp"

#include <catch2/catch.hpp>

using namespace runner;
using store::JobState;
using store::StoreState;
using tests::Database;
using tests::job;
using tests::result;
using Jobs = std::vector<store::NewJob>;
using namespace std::chrono_literals;

namespace {

struct Fixture {
    Database database;
    store::Session session{database.options()};
    store::JobTable table{session};
    store::ResultStore results{session};

    std::vector<store::Lease> lease(std::string wiki = "testwiki") {
        const store::WikiShare share{std::move(wiki), 100};
        return table.lease("tester", {&share, 1}, 60s);
    }
    void kill(const std::string& reason, std::string wiki = "testwiki") {
        const auto leases = lease(std::move(wiki));
        std::vector<store::JobTable::Failure> failures;
        for (const auto& lease : leases)
            failures.push_back({&lease, {0ms, true}, reason});
        table.fail(failures);
    }
    store::Outcome complete(store::Completed completed) {
        return results.store(std::vector<store::Completed>{std::move(completed)}).at(0);
    }
};

} // namespace

TEST_CASE("a failed job waits for its next attempt and is then ready by itself") {
    Fixture f;
    (void)f.table.accept(Jobs{job("Q1", 5, "five")});
    const auto lease = f.lease().at(0);
    const store::JobTable::Failure failure{&lease, {90s, false}, "the source is away"};
    f.table.fail({&failure, 1});
    CHECK(f.table.counts().delayed == 1);
    CHECK(f.lease().empty());
    CHECK(f.table.promote_due(10) == 0);
    CHECK(f.database.one("SELECT due_at BETWEEN now() + interval '80 seconds' AND "
                         "now() + interval '90 seconds' FROM constraint_runner.job") == "t");
    f.database.rows("UPDATE constraint_runner.job SET due_at = now()");
    CHECK(f.table.promote_due(10) == 1);
    auto again = f.lease();
    CHECK(again.at(0).attempts == 2);
    f.table.load_documents(again);
    CHECK(*again.at(0).document == "five");
}

TEST_CASE("a job abandoned is on the dead list with its reason, and can be retried") {
    Fixture f;
    (void)f.table.accept(Jobs{job("Q1", 5, "five", 3), job("Q2", 6)});
    f.kill("the wiki said \"no\"\nand hung up");
    CHECK(f.table.counts().length() == 0);
    CHECK(f.table.counts().dead == 2);
    const auto dead = f.table.dead("", 10);
    REQUIRE(dead.size() == 2);
    CHECK(dead[0].key == tests::key("Q1"));
    CHECK(dead[0].revision == 5);
    CHECK(dead[0].priority == 3);
    CHECK(dead[0].attempts == 1);
    CHECK(dead[0].reason == "the wiki said \"no\" and hung up");
    CHECK(dead[0].has_document);
    CHECK_FALSE(dead[1].has_document);
    CHECK_THAT(dead[0].died_at, Catch::Matches(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)"));

    CHECK(f.table.retry_dead(std::vector{tests::key("Q1"), tests::key("Q9"), tests::key("Q1")}) ==
          1);
    CHECK(f.table.counts().dead == 1);
    auto leases = f.lease();
    REQUIRE(leases.size() == 1);
    CHECK(leases[0].attempts == 1);
    CHECK(leases[0].priority == 3);
    f.table.load_documents(leases);
    CHECK(*leases[0].document == "five");
}

TEST_CASE("a reason of any bytes can be kept") {
    Fixture f;
    (void)f.table.accept(Jobs{job("Q1")});
    f.kill(std::string("bad \xff\xc3 byte \0 ä", 17) + std::string(5'000, 'x'));
    const auto reason = f.table.dead("", 1).at(0).reason;
    CHECK_THAT(reason, Catch::StartsWith("bad \xEF\xBF\xBD\xEF\xBF\xBD byte   ä"));
    CHECK(reason.size() == 2'000);
}

TEST_CASE("a reason keeps all characters of any script") {
    Fixture f;
    (void)f.table.accept(Jobs{job("Q1")});
    const std::string text = "ไทย हिन्दी 한국어 中文 ꙮ 😀 ﬁ";
    f.kill(text);
    CHECK(f.table.dead("", 1).at(0).reason == text);
}

TEST_CASE("the dead list has pages, and wikis of their own") {
    Fixture f;
    (void)f.table.accept(Jobs{job("Q1"), job("Q2"), job("Q3"), job("Q1", 0, "", 0, "other")});
    f.kill("x");
    f.kill("y", "other");
    CHECK(f.table.dead("other", 10).size() == 1);
    const auto first = f.table.dead("", 2);
    REQUIRE(first.size() == 2);
    CHECK(first[0].key == tests::key("Q1", "other"));
    const auto rest = f.table.dead("", 10, &first[1].key);
    REQUIRE(rest.size() == 2);
    CHECK(rest[0].key == tests::key("Q2"));
    CHECK(f.table.retry_all_dead("testwiki", 2) == 2);
    CHECK(f.table.retry_all_dead("testwiki") == 1);
    CHECK(f.table.retry_all_dead("") == 1);
    CHECK(f.table.counts().dead == 0);
    CHECK(f.table.counts().ready == 4);
}

TEST_CASE("a dead job that is retried joins one that waits, which keeps what is newer") {
    Fixture f;
    (void)f.table.accept(Jobs{job("Q1", 5, "five", 8)});
    f.kill("x");
    (void)f.table.accept(Jobs{job("Q1", 6, "six", 1)});
    CHECK(f.table.retry_dead(std::vector{tests::key("Q1")}) == 1);
    auto leases = f.lease();
    REQUIRE(leases.size() == 1);
    f.table.load_documents(leases);
    CHECK(leases[0].revision == 6);
    CHECK(leases[0].priority == 8);
    CHECK(*leases[0].document == "six");
}

TEST_CASE("a later success takes the entity off the dead list") {
    Fixture f;
    (void)f.table.accept(Jobs{job("Q1", 5), job("Q2", 9)});
    f.kill("x");
    (void)f.table.accept(Jobs{job("Q1", 6), job("Q2", 8)});
    for (const auto& lease : f.lease())
        CHECK(f.complete(
                   tests::completed(lease, result(lease.key.entity.to_string(), lease.revision)))
                  .job == JobState::ended);
    const auto dead = f.table.dead("", 10);
    REQUIRE(dead.size() == 1); // the failure of the newer revision stays
    CHECK(dead[0].key == tests::key("Q2"));
}

TEST_CASE("an incomplete result is stored and its job is done again, in the end abandoned") {
    Fixture f;
    (void)f.table.accept(Jobs{job("Q1", 5)});
    auto made = result("Q1", 5);
    made.incomplete = {"format: a pattern hit its limit", "second"};
    auto check = tests::completed(f.lease().at(0), made);
    const auto outcome = f.complete(check);
    CHECK(outcome.result == StoreState::stored);
    CHECK(outcome.job == JobState::delayed);
    CHECK(f.results.get("testwiki", made.entity)->incomplete.size() == 2);
    f.database.rows("UPDATE constraint_runner.job SET due_at = now()");
    f.table.promote_due(10);

    check = tests::completed(f.lease().at(0), made);
    CHECK(check.lease.attempts == 2);
    check.retry.dead = true;
    CHECK(f.complete(check).job == JobState::dead);
    CHECK(f.table.dead("", 1).at(0).reason ==
          "incomplete: format: a pattern hit its limit; second");
    CHECK(f.results.get("testwiki", made.entity)->incomplete.size() == 2);
}

TEST_CASE("a result older than its job asks for is stored, but the job is not over") {
    Fixture f;
    (void)f.table.accept(Jobs{job("Q1", 7)});
    const auto outcome = f.complete(tests::completed(f.lease().at(0), result("Q1", 5)));
    CHECK(outcome.result == StoreState::stored);
    CHECK(outcome.job == JobState::delayed);
}

TEST_CASE("a job whose result the database rejects is on the dead list") {
    Fixture f;
    (void)f.table.accept(Jobs{job("Q1", 5)});
    auto made = result("Q1", 5);
    made.value = "{";
    const auto outcome = f.complete(tests::completed(f.lease().at(0), made));
    CHECK(outcome.result == StoreState::rejected);
    CHECK(outcome.job == JobState::dead);
    CHECK_THAT(f.table.dead("", 1).at(0).reason, Catch::Contains("json"));
}

TEST_CASE("counts are those of the moment, by wiki and in all") {
    Fixture f;
    CHECK(f.table.counts_by_wiki().empty());
    (void)f.table.accept(Jobs{job("Q1"), job("Q2"), job("Q3"), job("Q1", 0, "", 0, "other")});
    const auto leases = f.lease();
    const store::JobTable::Failure later{&leases.at(0), {1h, false}, "x"};
    f.table.fail({&later, 1});
    const store::JobTable::Failure never{&leases.at(1), {0ms, true}, "x"};
    f.table.fail({&never, 1});
    f.database.rows("UPDATE constraint_runner.job SET ready_at = now() - interval '1 minute' "
                    "WHERE wiki = 'other'");
    const auto counts = f.table.counts();
    CHECK(counts.ready == 1);
    CHECK(counts.delayed == 1);
    CHECK(counts.leased == 1);
    CHECK(counts.dead == 1);
    CHECK(counts.length() == 3);
    CHECK(counts.oldest_ready_seconds >= 60);
    CHECK(counts.oldest_ready_seconds < 120);
    const auto wikis = f.table.counts_by_wiki();
    REQUIRE(wikis.size() == 2);
    CHECK(wikis[0].wiki == "other");
    CHECK(wikis[0].counts.ready == 1);
    CHECK(wikis[1].counts.dead == 1);
}
