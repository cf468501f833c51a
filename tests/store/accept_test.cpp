// SPDX-License-Identifier: GPL-2.0-or-later
// Accepting jobs: one per entity, and the newest revision with its document.
#include "database.hpp"
#include "store/jobs/job_table.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <thread>

using namespace runner;
using tests::Database;
using tests::job;
using Rows = std::vector<std::string>;
using Jobs = std::vector<store::NewJob>;
using namespace std::chrono_literals;

namespace {

struct Fixture {
    Database database;
    store::Session session{database.options()};
    store::JobTable table{session};

    std::vector<store::Lease> lease(std::uint32_t limit = 10, std::string wiki = "testwiki") {
        const store::WikiShare share{std::move(wiki), limit};
        return table.lease("tester", {&share, 1}, 60s);
    }
    std::string document_of(std::string_view entity) {
        auto leases = lease(1'000);
        table.load_documents(leases);
        std::string text = "no such job";
        for (const auto& lease : leases)
            if (lease.key == tests::key(entity))
                text = !lease.document
                           ? "none"
                           : std::to_string(lease.document_revision) + ":" + *lease.document;
        table.release(leases);
        return text;
    }
};

} // namespace

TEST_CASE("a new entity is accepted and one that waits is joined") {
    Fixture f;
    CHECK(f.table.accept(Jobs{job("Q2"), job("Q1"), job("Q10")}) ==
          std::vector<bool>{true, true, true});
    CHECK(f.table.accept(Jobs{job("Q3"), job("Q1"), job("L1-F2")}) ==
          std::vector<bool>{true, false, true});
    CHECK(f.table.accept(Jobs{job("Q1", 0, "", 0, "otherwiki")}) == std::vector<bool>{true});
    CHECK(f.table.counts().ready == 6);
    CHECK(f.table.length(100) == 6);
    CHECK(f.table.length(4) == 4);
}

TEST_CASE("no jobs are no question to the database") {
    store::DatabaseOptions nowhere;
    nowhere.conninfo = "host=/nonexistent";
    store::Session session(nowhere);
    store::JobTable table(session);
    CHECK(table.accept({}).empty());
    CHECK(table.lease("w", {}, 1s).empty());
    CHECK(table.heartbeat({}, 1s).empty());
    table.release({});
    table.fail({});
    table.load_documents({});
    CHECK(table.retry_dead({}) == 0);
    CHECK(table.promote_due(0) == 0);
}

TEST_CASE("the newest revision and the highest priority win") {
    Fixture f;
    (void)f.table.accept(Jobs{job("Q1", 5, "", 3)});
    (void)f.table.accept(Jobs{job("Q1", 4, "", 9)});
    (void)f.table.accept(Jobs{job("Q1", 7, "", 1)});
    CHECK(f.database.rows("SELECT revision, priority FROM constraint_runner.job") == Rows{"7|9"});
    auto again = job("Q1", 0, "", 0);
    again.reason = store::JobReason::dependant; // a check of whatever is current
    (void)f.table.accept(Jobs{again});
    CHECK(f.database.rows("SELECT revision, priority, reason FROM constraint_runner.job") ==
          Rows{"7|9|0"});
}

TEST_CASE("a job without a revision takes documents out, those that come later too") {
    Fixture f;
    SECTION("in requests of their own") {
        (void)f.table.accept(Jobs{job("Q1", 5, "five")});
        (void)f.table.accept(Jobs{job("Q1")});
        (void)f.table.accept(Jobs{job("Q1", 6, "six")});
    }
    SECTION("in one request") {
        (void)f.table.accept(Jobs{job("Q1", 5, "five"), job("Q1"), job("Q1", 6, "six")});
    }
    CHECK(f.document_of("Q1") == "none");
    CHECK(f.database.rows("SELECT revision, asks FROM constraint_runner.job") == Rows{"6|t"});
}

TEST_CASE("a job of a form or sense is one of its lexeme") {
    Fixture f;
    CHECK(f.table.accept(Jobs{job("L1-F1", 5), job("L1", 5), job("L1-S2", 4)}) ==
          std::vector<bool>{true, false, false});
    CHECK(f.database.rows("SELECT entity, revision FROM constraint_runner.job") == Rows{"L1|5"});
}

TEST_CASE("an entity twice in one request is one job, as if they had come one by one") {
    Fixture f;
    CHECK(f.table.accept(Jobs{job("Q1", 5, "five", 1), job("Q2"), job("Q1", 6, "six", 0),
                              job("Q1", 4, "four", 7)}) ==
          std::vector<bool>{true, true, false, false});
    CHECK(f.database.rows("SELECT entity, revision, priority FROM constraint_runner.job "
                          "ORDER BY 1") == Rows{"Q1|6|7", "Q2|0|0"});
    CHECK(f.document_of("Q1") == "6:six");
}

TEST_CASE("the document stays with the revision it belongs to") {
    Fixture f;
    (void)f.table.accept(Jobs{job("Q1", 5, "five")});
    CHECK(f.document_of("Q1") == "5:five");
    SECTION("an older one does not replace it") {
        (void)f.table.accept(Jobs{job("Q1", 4, "four")});
        CHECK(f.document_of("Q1") == "5:five");
    }
    SECTION("an older revision without one does not take it away") {
        (void)f.table.accept(Jobs{job("Q1", 4)});
        CHECK(f.document_of("Q1") == "5:five");
    }
    SECTION("a newer one replaces it") {
        (void)f.table.accept(Jobs{job("Q1", 6, "six")});
        CHECK(f.document_of("Q1") == "6:six");
    }
    SECTION("a newer revision without one makes it useless") {
        (void)f.table.accept(Jobs{job("Q1", 6)});
        CHECK(f.document_of("Q1") == "none");
    }
    SECTION("the same revision may bring it, or bring it again") {
        (void)f.table.accept(Jobs{job("Q1", 5)});
        CHECK(f.document_of("Q1") == "5:five");
        (void)f.table.accept(Jobs{job("Q1", 5, "five again")});
        CHECK(f.document_of("Q1") == "5:five again");
    }
}

TEST_CASE("documents come back as they were, small and large") {
    Fixture f;
    std::string large = "{\"id\":\"Q1\"";
    for (int i = 0; i < 100'000; ++i)
        large += ",\"k" + std::to_string(i * 7919) + "\":\"v\\u00e4\"";
    large += "}";
    const std::string binary("\0\\x \xff\"", 6);
    (void)f.table.accept(Jobs{job("Q1", 1, large), job("Q2", 1, binary), job("Q3", 1, "x")});
    auto leases = f.lease();
    f.table.load_documents(leases);
    REQUIRE(leases.size() == 3);
    for (const auto& lease : leases) {
        REQUIRE(lease.document);
        CHECK((*lease.document == large || *lease.document == binary || *lease.document == "x"));
    }
}

TEST_CASE("a newer revision ends the backoff of a failed job, the same one does not") {
    Fixture f;
    (void)f.table.accept(Jobs{job("Q1", 5)});
    const auto leases = f.lease();
    const store::JobTable::Failure failure{&leases.at(0), {1h, false}, "no luck"};
    f.table.fail({&failure, 1});
    CHECK(f.table.counts().delayed == 1);
    (void)f.table.accept(Jobs{job("Q1", 5)});
    CHECK(f.table.counts().delayed == 1);
    (void)f.table.accept(Jobs{job("Q1", 6)});
    CHECK(f.table.counts().ready == 1);
    CHECK(f.lease().at(0).attempts == 1);
}

TEST_CASE("many threads that accept the same entities leave one job for each") {
    const Database database;
    std::atomic<int> fresh{0};
    std::atomic<int> failed{0};
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&, t] {
                try {
                    store::Session session(database.options());
                    store::JobTable table(session);
                    for (int round = 0; round < 20; ++round) {
                        Jobs jobs;
                        for (int i = 1; i <= 50; ++i)
                            jobs.push_back(job("Q" + std::to_string(t % 2 ? i : 51 - i),
                                               static_cast<std::uint64_t>(round * 4 + t + 1)));
                        for (const bool is_new : table.accept(jobs))
                            fresh += is_new ? 1 : 0;
                    }
                } catch (const std::exception&) {
                    ++failed;
                }
            });
    }
    CHECK(failed == 0);
    CHECK(fresh == 50);
    CHECK(database.one("SELECT count(*), min(revision), max(generation) FROM "
                       "constraint_runner.job") != "");
    CHECK(database.one("SELECT count(*), min(revision), max(revision) FROM "
                       "constraint_runner.job") == "50|80|80");
}
