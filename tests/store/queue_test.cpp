// SPDX-License-Identifier: GPL-2.0-or-later
// A worker's queue: documents from memory or the database, and an end for
// every job.
#include "database.hpp"
#include "queue/queue.hpp"
#include "store/jobs/runner_table.hpp"

#include <catch2/catch.hpp>
#include <pqxx/pqxx>

#include <memory>

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
    std::vector<store::Lease> lease(std::uint32_t limit) {
        const store::WikiShare share{"testwiki", limit};
        queue.promote_due();
        return queue.lease({&share, 1});
    }
};

} // namespace

TEST_CASE("documents come from memory, or else from the database") {
    Fixture f;
    (void)f.queue.table().accept(
        Jobs{job("Q1", 5, "in both"), job("Q2", 5, "only stored"), job("Q3", 5)});
    const auto cached = std::make_shared<const std::string>("in both");
    f.documents.put(tests::key("Q1"), 5, cached);
    f.documents.put(tests::key("Q2"), 4, std::make_shared<const std::string>("too old"));
    for (auto& lease : f.lease(10)) {
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
    std::vector<store::Completed> batch{tests::completed(f.lease(1).at(0), result("Q1", 5))};
    CHECK(f.queue.complete(batch).at(0).job == JobState::ended);
    CHECK(f.documents.size() == 0);
}

TEST_CASE("a job that fails is tried so many times and then abandoned with its last reason") {
    Fixture f;
    f.accept(1, "testwiki");
    for (int attempt = 1; attempt <= 3; ++attempt) {
        const auto leases = f.lease(5);
        REQUIRE(leases.size() == 1);
        (void)f.queue.fail(leases[0], "reason " + std::to_string(attempt));
        CHECK(f.lease(5).empty());
        f.database.rows("UPDATE constraint_runner.job SET due_at = now()");
    }
    CHECK(f.queue.table().counts().length() == 0);
    CHECK(f.queue.table().dead("", 1).at(0).reason == "reason 3");
}

TEST_CASE("a source that is away uses up no attempt, and the pauses grow") {
    Fixture f;
    f.accept(1, "testwiki");
    double before = 0;
    for (int time = 1; time <= 10; ++time) {
        const auto leases = f.lease(5);
        REQUIRE(leases.size() == 1);
        CHECK(leases[0].attempts == 1);
        CHECK(f.queue.defer(leases[0], "away") == JobState::delayed);
        const double delay = std::stod(
            f.database.one("SELECT extract(epoch FROM due_at - now()) FROM constraint_runner.job"));
        if (time % 3 == 0) {
            CHECK(delay > before);
            before = delay;
        }
        f.database.rows("UPDATE constraint_runner.job SET due_at = now()");
    }
    CHECK(f.queue.table().counts().dead == 0);
    f.queue.fail(f.lease(5).at(0), "its own fault");
    CHECK(f.database.one("SELECT attempts FROM constraint_runner.job") == "1");
}

TEST_CASE("a poisonous job kills itself alone") {
    Fixture f; // with max_attempts 3
    f.accept(20, "testwiki");
    const std::vector<std::string> wikis{"testwiki"};
    const std::string poison = "Q7";
    const auto die = [&](const std::vector<store::Lease>& held) {
        f.database.rows("INSERT INTO constraint_runner.runner (name) VALUES ('tester') "
                        "ON CONFLICT DO NOTHING");
        CHECK(store::RunnerTable(f.session).end("tester").jobs == held.size());
    };
    int deaths = 0;
    for (; deaths < 20; ++deaths) {
        auto held = f.lease(100);
        for (auto& suspect : f.queue.lease_suspects(wikis))
            held.push_back(std::move(suspect));
        if (held.empty())
            break;
        std::vector<store::Completed> done;
        bool died = false;
        for (const auto& lease : held) {
            died = died || lease.key.entity.to_string() == poison;
            if (!died)
                done.push_back(tests::completed(lease, result(lease.key.entity.to_string(), 1)));
        }
        if (died)
            die(held); // before it stored anything
        else
            (void)f.queue.complete(done);
        if (!died)
            --deaths;
    }
    CHECK(deaths == 5);
    CHECK(f.queue.table().counts().length() == 0);
    CHECK(f.database.one("SELECT count(*) FROM constraint_runner.entity_result") == "19");
    const auto dead = f.queue.table().dead("", 5);
    REQUIRE(dead.size() == 1);
    CHECK(dead[0].key.entity.to_string() == poison);
    CHECK_THAT(dead[0].reason, Catch::StartsWith("the process ended while checking it"));
}

TEST_CASE("results whose rows are locked are put aside, and the rest of the batch is stored") {
    Fixture f;
    f.accept(40, "testwiki");
    std::vector<store::Completed> batch;
    for (const auto& lease : f.lease(40))
        batch.push_back(tests::completed(
            lease, result(lease.key.entity.to_string(), 1,
                          {tests::violation("s" + lease.key.entity.to_string(), "c")})));
    REQUIRE(batch.size() == 40);
    (void)f.queue.complete(batch);
    f.accept(40, "testwiki");
    batch.clear();
    for (const auto& lease : f.lease(40))
        batch.push_back(tests::completed(lease, result(lease.key.entity.to_string(), 2)));
    REQUIRE(batch.size() == 40);

    auto impatient = f.database.options();
    impatient.lock_timeout = 100ms;
    store::Session session(impatient);
    queue::Queue queue(session, f.documents, Fixture::options());
    pqxx::connection other(f.database.options().conninfo);
    auto foreign = std::make_unique<pqxx::work>(other);
    foreign->exec("SELECT FROM constraint_runner.entity_result WHERE entity = 'Q7' FOR UPDATE");
    foreign->exec("SELECT FROM constraint_runner.violation WHERE entity = 'Q9' FOR UPDATE");
    const auto outcomes = queue.complete(batch);
    REQUIRE(outcomes.size() == 40);
    for (std::size_t i = 0; i < 40; ++i) {
        const auto id = batch[i].lease.key.entity.to_string();
        const bool locked = id == "Q7" || id == "Q9";
        CAPTURE(id);
        CHECK((outcomes[i].result == store::StoreState::rejected) == locked);
        CHECK(outcomes[i].job == (locked ? JobState::delayed : JobState::ended));
    }
    CHECK(f.database.rows("SELECT entity, attempts, deferrals FROM constraint_runner.job "
                          "ORDER BY entity") == std::vector<std::string>{"Q7|0|1", "Q9|0|1"});
    foreign.reset();

    foreign = std::make_unique<pqxx::work>(other);
    foreign->exec("LOCK constraint_runner.entity_result IN ACCESS EXCLUSIVE MODE");
    CHECK_THROWS_AS(queue.complete(batch), store::LockedError); // nothing can be stored
}

TEST_CASE("a job can be buried at once and released unharmed") {
    Fixture f;
    f.accept(2, "testwiki");
    const auto leases = f.lease(2);
    f.queue.bury(leases[0], "not an entity of this wiki");
    f.queue.release({&leases[1], 1});
    const auto counts = f.queue.table().counts();
    CHECK(counts.dead == 1);
    CHECK(counts.ready == 1);
}
