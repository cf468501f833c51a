// SPDX-License-Identifier: GPL-2.0-or-later
// A worker's queue: fair between wikis, documents from memory or the database, and an end for
// every job.
#include "database.hpp"

#include "queue/queue.hpp"

#include <map>

#include <catch2/catch.hpp>

using namespace runner;
using store::JobState;
using tests::Database;
using tests::job;
using tests::result;
using Jobs = std::vector<store::NewJob>;
using namespace std::chrono_literals;

namespace {

struct Fixture {
    Database database;
    store::Session session{database.options()};
    queue::DocumentCache documents{1 << 20};
    queue::Queue queue{session, documents, options()};

    static queue::QueueOptions options() {
        queue::QueueOptions options;
        options.worker = "tester";
        options.retry.max_attempts = 3;
        return options;
    }
    void accept(int count, const std::string& wiki) {
        Jobs jobs;
        for (int i = 1; i <= count; ++i)
            jobs.push_back(job("Q" + std::to_string(i), 0, "", 0, wiki));
        (void)queue.table().accept(jobs);
    }
    std::map<std::string, int> lease(std::uint32_t limit) {
        std::map<std::string, int> count;
        for (const auto& lease : queue.lease(limit))
            ++count[lease.key.wiki];
        return count;
    }
};

} // namespace

TEST_CASE("a wiki with many jobs does not starve one with few") {
    Fixture f;
    f.accept(500, "bigwiki");
    f.accept(1, "tinywiki");
    f.accept(20, "smallwiki");
    auto first = f.lease(30);
    CHECK(first["tinywiki"] == 1);
    CHECK(first["smallwiki"] >= 14); // what the tiny one leaves is shared as well
    CHECK(first["bigwiki"] >= 14);
    CHECK(first["bigwiki"] + first["smallwiki"] == 29);
    auto second = f.lease(30);
    CHECK(second["smallwiki"] == 20 - first["smallwiki"]);
    CHECK(second["bigwiki"] == 30 - second["smallwiki"]);
    CHECK(f.lease(30)["bigwiki"] == 30);
}

TEST_CASE("with more wikis than leases each has its turn") {
    Fixture f;
    for (char c = 'a'; c <= 'g'; ++c)
        f.accept(5, std::string(1, c) + "wiki");
    std::map<std::string, int> sum;
    for (int round = 0; round < 7; ++round)
        for (const auto& [wiki, count] : f.lease(3))
            sum[wiki] += count;
    CHECK(sum.size() == 7);
    for (const auto& [wiki, count] : sum)
        CHECK(count == 3);
}

TEST_CASE("documents come from memory, or else from the database") {
    Fixture f;
    (void)f.queue.table().accept(Jobs{job("Q1", 5, "in both"), job("Q2", 5, "only stored"),
                                      job("Q3", 5)});
    const auto cached = std::make_shared<const std::string>("in both");
    f.documents.put(tests::key("Q1"), 5, cached);
    f.documents.put(tests::key("Q2"), 4, std::make_shared<const std::string>("too old"));
    for (auto& lease : f.queue.lease(10)) {
        const auto id = lease.key.entity.to_string();
        if (id == "Q1")
            CHECK(lease.document == cached);
        else if (id == "Q2")
            CHECK(*lease.document == "only stored");
        else
            CHECK_FALSE(lease.document);
    }
}

TEST_CASE("a job that is over leaves no document in memory") {
    Fixture f;
    (void)f.queue.table().accept(Jobs{job("Q1", 5, "five")});
    f.documents.put(tests::key("Q1"), 5, std::make_shared<const std::string>("five"));
    std::vector<store::Completed> batch{
        tests::completed(f.queue.lease(1).at(0), result("Q1", 5))};
    CHECK(f.queue.complete(batch).at(0).job == JobState::ended);
    CHECK(f.documents.size() == 0);
}

TEST_CASE("a job that fails is tried so many times and then given up with its last reason") {
    Fixture f;
    f.accept(1, "testwiki");
    for (int attempt = 1; attempt <= 3; ++attempt) {
        const auto leases = f.queue.lease(5);
        REQUIRE(leases.size() == 1);
        f.queue.fail(leases[0], "reason " + std::to_string(attempt));
        CHECK(f.queue.lease(5).empty());
        f.database.rows("UPDATE constraint_runner.job SET due_at = now()");
    }
    CHECK(f.queue.table().counts().length() == 0);
    CHECK(f.queue.table().dead("", 1).at(0).reason == "reason 3");
}

TEST_CASE("a job that takes its runner down every time is given up") {
    Fixture f;
    f.accept(2, "testwiki");
    for (int attempt = 1; attempt <= 3; ++attempt) {
        CHECK(f.queue.lease(5).size() == 2);
        f.database.rows("UPDATE constraint_runner.job SET due_at = now()");
    }
    CHECK(f.queue.lease(5).empty());
    const auto dead = f.queue.table().dead("", 5);
    REQUIRE(dead.size() == 2);
    CHECK_THAT(dead[0].reason, Catch::StartsWith("3 attempts began and none came to an end"));
}

TEST_CASE("a job can be buried at once and released unharmed") {
    Fixture f;
    f.accept(2, "testwiki");
    const auto leases = f.queue.lease(2);
    f.queue.bury(leases[0], "not an entity of this wiki");
    f.queue.release({&leases[1], 1});
    const auto counts = f.queue.table().counts();
    CHECK(counts.dead == 1);
    CHECK(counts.ready == 1);
}
