// SPDX-License-Identifier: GPL-2.0-or-later
// Leases: held by one worker, extended, given back, run out and taken over.
#include "app/line/in_hand.hpp"
#include "base/clock.hpp"
#include "database.hpp"
#include "store/jobs/job_table.hpp"
#include "store/jobs/runner_table.hpp"
#include "store/results/result_store.hpp"

#include <catch2/catch.hpp>
#include <pqxx/pqxx>

#include <memory>
#include <mutex>
#include <set>
#include <thread>

using namespace runner;
using store::JobState;
using store::StoreState;
using tests::completed;
using tests::Database;
using tests::job;
using tests::result;
using Rows = std::vector<std::string>;
using Jobs = std::vector<store::NewJob>;
using Leases = std::vector<store::Lease>;
using namespace std::chrono_literals;

namespace {

struct Fixture {
    Database database;
    store::Session session{database.options()};
    store::JobTable table{session};
    store::ResultStore results{session};

    Leases lease(std::uint32_t limit = 10, std::chrono::milliseconds duration = 60s,
                 const char* worker = "tester") {
        const store::WikiShare share{"testwiki", limit};
        return table.lease(worker, {&share, 1}, duration);
    }
    // as time would: the lease is over, and a runner notices
    void let_leases_run_out() const {
        database.rows("UPDATE constraint_runner.job SET due_at = now() - interval '1 second' "
                      "WHERE state <> 'ready'");
    }
    store::Outcome complete(const store::Lease& lease, std::uint64_t revision) {
        return results
            .store(std::vector<store::Completed>{
                completed(lease, result(lease.key.entity.to_string(), revision))})
            .at(0);
    }
    std::string jobs() const {
        return database.one("SELECT coalesce(string_agg(entity || ' ' || revision || ' ' || "
                            "state, ',' ORDER BY entity), '') FROM constraint_runner.job");
    }
};

} // namespace

TEST_CASE("jobs go by priority, then age") {
    Fixture f;
    (void)f.table.accept(Jobs{job("Q1"), job("Q2", 0, "", 5)});
    (void)f.table.accept(Jobs{job("Q3", 0, "", 5)});
    (void)f.table.accept(Jobs{job("Q4", 0, "", -1)});
    std::vector<std::string> order;
    for (int i = 0; i < 4; ++i)
        order.push_back(f.lease(1).at(0).key.entity.to_string());
    CHECK(order == std::vector<std::string>{"Q2", "Q3", "Q1", "Q4"});
    CHECK(f.lease(1).empty());
}

TEST_CASE("a lease describes the job") {
    Fixture f;
    (void)f.table.accept(Jobs{job("L7", 12, "{}", 3)});
    const auto lease = f.lease().at(0);
    CHECK(lease.key == tests::key("L7"));
    CHECK(lease.revision == 12);
    CHECK(lease.priority == 3);
    CHECK(lease.attempts == 1);
    CHECK(lease.token != 0);
    CHECK(lease.has_document);
    CHECK(lease.document_revision == 12);
    CHECK_FALSE(lease.document);
    CHECK(lease.age < 60s);
    CHECK(f.database.one("SELECT lease_owner FROM constraint_runner.job") == "tester");
}

TEST_CASE("two workers never hold the same job") {
    Fixture f;
    Jobs jobs;
    for (int i = 1; i <= 400; ++i)
        jobs.push_back(job("Q" + std::to_string(i)));
    (void)f.table.accept(jobs);
    std::mutex mutex;
    std::multiset<std::string> taken;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&] {
                store::Session session(f.database.options());
                store::JobTable table(session);
                const store::WikiShare share{"testwiki", 7};
                for (;;) {
                    const auto leases = table.lease("w", {&share, 1}, 60s);
                    if (leases.empty() && table.counts().ready == 0)
                        break;
                    const std::lock_guard lock(mutex);
                    for (const auto& lease : leases)
                        taken.insert(lease.key.entity.to_string());
                }
            });
    }
    CHECK(taken.size() == 400);
    CHECK(std::set<std::string>(taken.begin(), taken.end()).size() == 400);
}

TEST_CASE("a job ends with its result, in one transaction") {
    Fixture f;
    (void)f.table.accept(Jobs{job("Q1", 5), job("Q2", 5)});
    const auto leases = f.lease();
    const auto outcome = f.complete(leases.at(0), 5);
    CHECK(outcome.result == StoreState::stored);
    CHECK(outcome.job == JobState::ended);
    CHECK(f.jobs() == leases.at(1).key.entity.to_string() + " 5 leased");
    CHECK(f.complete(leases.at(0), 5).job == JobState::lost); // not twice
}

TEST_CASE("a job whose revision was overtaken while it ran is ready again, with its document") {
    Fixture f;
    (void)f.table.accept(Jobs{job("Q1", 5, "five")});
    auto leases = f.lease();
    f.table.load_documents(leases);
    CHECK_FALSE(f.table.accept(Jobs{job("Q1", 6, "six", 4)}).at(0));
    CHECK(f.lease().empty()); // not twice at the same time
    const auto outcome = f.complete(leases.at(0), 5);
    CHECK(outcome.result == StoreState::stored);
    CHECK(outcome.job == JobState::again);
    CHECK(f.jobs() == "Q1 6 ready");
    auto again = f.lease();
    f.table.load_documents(again);
    CHECK(again.at(0).revision == 6);
    CHECK(again.at(0).attempts == 1);
    CHECK(*again.at(0).document == "six");
    CHECK(f.complete(again.at(0), 6).job == JobState::ended);
    CHECK(f.jobs().empty());
}

TEST_CASE(
    "a request for whatever is current, made while the job runs, is answered by a new check") {
    Fixture f;
    (void)f.table.accept(Jobs{job("Q1", 5)});
    const auto lease = f.lease().at(0);
    (void)f.table.accept(Jobs{job("Q1", 0)});
    CHECK(f.complete(lease, 5).job == JobState::again);
}

TEST_CASE("an older revision accepted while the job runs does not repeat it") {
    Fixture f;
    (void)f.table.accept(Jobs{job("Q1", 5)});
    const auto lease = f.lease().at(0);
    (void)f.table.accept(Jobs{job("Q1", 4)});
    CHECK(f.complete(lease, 5).job == JobState::ended);
}

TEST_CASE("a failed attempt of an overtaken job is not held against the newer revision") {
    Fixture f;
    (void)f.table.accept(Jobs{job("Q1", 5)});
    const auto lease = f.lease().at(0);
    (void)f.table.accept(Jobs{job("Q1", 6)});
    for (const bool dead : {false, true}) {
        const store::JobTable::Failure failure{&lease, {1h, dead}, "failed"};
        f.table.fail({&failure, 1});
    }
    CHECK(f.jobs() == "Q1 6 ready");
    CHECK(f.table.counts().dead == 0);
}

TEST_CASE("a lease that ran out is taken over, and the first worker's end changes no job") {
    Fixture f;
    (void)f.table.accept(Jobs{job("Q1", 5)});
    const auto lost = f.lease().at(0);
    f.let_leases_run_out();
    CHECK(f.table.counts().ready == 1);
    CHECK(f.table.counts().leased == 0);
    CHECK(f.table.promote_due(100) == 1);
    const auto taken = f.lease(10, 60s, "second").at(0);
    CHECK(taken.attempts == 1); // it may have been the runner's fault
    CHECK(taken.deaths == 1);
    CHECK(taken.token > lost.token);

    CHECK(f.table.heartbeat(Leases{lost, taken}, 60s) == std::vector<bool>{false, true});
    f.table.release(Leases{lost});
    const store::JobTable::Failure failure{&lost, {1h, false}, "too late"};
    f.table.fail({&failure, 1});
    CHECK(f.jobs() == "Q1 5 leased");

    const auto late = f.complete(lost, 6); // newer than anything: worth storing
    CHECK(late.result == StoreState::stored);
    CHECK(late.job == JobState::lost);
    CHECK(f.jobs() == "Q1 5 leased");
    const auto second = f.complete(taken, 5);
    CHECK(second.result == StoreState::outdated);
    CHECK(second.job == JobState::ended);
    CHECK(f.jobs().empty());
}

TEST_CASE("a lease that ran out but that nobody took still ends the job") {
    Fixture f;
    (void)f.table.accept(Jobs{job("Q1", 5)});
    const auto lease = f.lease().at(0);
    f.let_leases_run_out();
    f.table.promote_due(100);
    CHECK(f.complete(lease, 5).job == JobState::ended);
    CHECK(f.jobs().empty());
}

TEST_CASE("jobs whose runner died go before those that wait longer") {
    Fixture f;
    (void)f.table.accept(Jobs{job("Q1"), job("Q2")});
    CHECK(f.lease(2).size() == 2);
    (void)f.table.accept(Jobs{job("Q3"), job("Q4", 0, {}, 5), job("Q5")});
    f.let_leases_run_out();
    f.table.promote_due(100);
    const auto next = [&] { return f.lease(1).at(0).key.entity.to_string(); };
    CHECK(next() == "Q4"); // of a higher priority
    const std::set<std::string> back{next(), next()};
    CHECK(back == std::set<std::string>{"Q1", "Q2"});
    CHECK(next() == "Q3");
    CHECK(next() == "Q5");
    CHECK(f.lease(1).empty());
}

TEST_CASE("a heartbeat extends a lease on the database's clock") {
    Fixture f;
    (void)f.table.accept(Jobs{job("Q1")});
    const auto lease = f.lease(1, 1s).at(0);
    CHECK(f.table.heartbeat(Leases{lease}, 1h) == std::vector<bool>{true});
    CHECK(f.database.one("SELECT due_at > now() + interval '59 minutes' FROM "
                         "constraint_runner.job") == "t");
}

TEST_CASE("each job of a batch has its own lease") {
    Fixture f;
    Jobs jobs;
    for (int i = 1; i <= 50; ++i)
        jobs.push_back(job("Q" + std::to_string(i)));
    (void)f.table.accept(jobs);
    const auto leases = f.lease(50, 1s);
    std::set<std::uint64_t> tokens;
    app::InHand in_hand;
    in_hand.add(leases);
    for (const auto& lease : leases)
        tokens.insert(lease.token);
    CHECK(tokens.size() == 50);
    CHECK(in_hand.size() == 50);

    CHECK(f.table.heartbeat(in_hand.all(), 1h) == std::vector<bool>(50, true));
    CHECK(f.database.one("SELECT count(*) FROM constraint_runner.job "
                         "WHERE due_at > now() + interval '59 minutes'") == "50");

    in_hand.remove(leases.front());
    CHECK(in_hand.size() == 49);
    CHECK_FALSE(in_hand.wait_at_most(48, 1ms));
}

TEST_CASE("released jobs are ready at once and the attempt does not count") {
    Fixture f;
    (void)f.table.accept(Jobs{job("Q1"), job("Q2")});
    const auto leases = f.lease();
    f.table.release(leases);
    CHECK(f.table.counts().ready == 2);
    CHECK(f.lease().at(0).attempts == 1);
}

TEST_CASE("what a dead runner held is ready at once, and no attempt of it counts") {
    Fixture f;
    (void)f.table.accept(Jobs{job("Q1"), job("Q2"), job("Q3")});
    store::Session dying(f.database.options());
    REQUIRE(store::RunnerTable(dying).announce("dead"));
    store::RunnerTable runners(f.session);
    REQUIRE(runners.announce("other"));
    (void)f.lease(2, 60s, "dead");
    const auto lost = f.lease(1, 60s, "other").at(0);

    CHECK(runners.unlocked("other").empty());
    CHECK(runners.end("dead").jobs == 0); // it lives
    CHECK(f.table.counts().leased == 3);

    dying.disconnect();
    while (runners.unlocked("other").empty()) // the server needs a moment
        std::this_thread::sleep_for(1ms);
    CHECK(runners.unlocked("other") == Rows{"dead"});
    const auto ended = runners.end("dead");
    CHECK(ended.jobs == 2);
    CHECK(ended.all);
    CHECK(runners.unlocked("other").empty());
    CHECK(f.table.counts().ready == 2);
    for (const auto& lease : f.lease()) {
        CHECK(lease.attempts == 1);
        CHECK(lease.deaths == 1);
        CHECK_FALSE(lease.suspect());
    }
    CHECK(f.table.heartbeat(Leases{lost}, 60s) == std::vector<bool>{true});
}

TEST_CASE("a runner that lost its jobs while it lived ends none of them") {
    Fixture f;
    (void)f.table.accept(Jobs{job("Q1", 5)});
    store::Session session(f.database.options());
    REQUIRE(store::RunnerTable(session).announce("cut off"));
    const auto lost = f.lease(1, 60s, "cut off").at(0);
    session.disconnect();
    store::RunnerTable runners(f.session);
    while (runners.end("cut off").jobs == 0)
        std::this_thread::sleep_for(1ms);
    CHECK(f.complete(lost, 5).job == JobState::lost);
    CHECK(f.jobs() == "Q1 5 ready");
    REQUIRE(store::RunnerTable(session).announce("cut off")); // and it is back
    CHECK(runners.unlocked("other").empty());
}

TEST_CASE("a runner's row stays while one of its jobs is locked, so that it is given back later") {
    Fixture f;
    (void)f.table.accept(Jobs{job("Q1"), job("Q2")});
    store::RunnerTable runners(f.session);
    f.database.rows("INSERT INTO constraint_runner.runner (name) VALUES ('dead')");
    (void)f.lease(2, 60s, "dead");
    store::Session other(f.database.options());
    const auto held = std::make_unique<pqxx::connection>(f.database.options().conninfo);
    {
        pqxx::work lock(*held);
        lock.exec("SELECT FROM constraint_runner.job WHERE entity = 'Q1' FOR UPDATE");
        const auto ended = runners.end("dead");
        CHECK(ended.jobs == 1);
        CHECK_FALSE(ended.all);
    }
    const auto ended = runners.end("dead");
    CHECK(ended.jobs == 1);
    CHECK(ended.all);
}

TEST_CASE("a document that came meanwhile makes the lease one for the newer revision") {
    Fixture f;
    (void)f.table.accept(Jobs{job("Q1", 5, "five")});
    auto leases = f.lease();
    (void)f.table.accept(Jobs{job("Q1", 6, "six")});
    f.table.load_documents(leases);
    REQUIRE(leases.at(0).document);
    CHECK(*leases.at(0).document == "six");
    CHECK(leases.at(0).document_revision == 6);
    CHECK(leases.at(0).revision == 6);
    CHECK(f.complete(leases.at(0), 6).job == JobState::ended);
}

TEST_CASE("a lost lease gets no document") {
    Fixture f;
    (void)f.table.accept(Jobs{job("Q1", 5, "five")});
    auto leases = f.lease();
    f.table.release(leases);
    f.table.load_documents(leases);
    CHECK_FALSE(leases.at(0).document);
    CHECK_FALSE(leases.at(0).has_document);
}

TEST_CASE("a damaged document does not keep others from their work") {
    Fixture f;
    (void)f.table.accept(Jobs{job("Q1", 5, "five"), job("Q2", 5, "five")});
    f.database.rows("UPDATE constraint_runner.job SET document = '\\x00' WHERE entity = 'Q1'");
    auto leases = f.lease();
    f.table.load_documents(leases);
    for (const auto& lease : leases)
        CHECK(lease.has_document == (lease.key == tests::key("Q2")));
}

TEST_CASE("each wiki has its share, of jobs that are urgent enough") {
    Fixture f;
    Jobs jobs;
    for (int i = 1; i <= 300; ++i)
        jobs.push_back(job("Q" + std::to_string(i), 0, "", static_cast<std::int16_t>(i % 5),
                           i % 3 != 0 ? "big" : "small"));
    jobs.push_back(job("Q1", 0, "", 0, "lonely"));
    (void)f.table.accept(jobs);
    const std::vector<store::WikiShare> shares{
        {"big", 2}, {"lonely", 2}, {"none", 2}, {"small", 100, 4}};
    std::multiset<std::string> wikis;
    for (const auto& lease : f.table.lease("w", shares, 60s)) {
        wikis.insert(lease.key.wiki);
        CHECK((lease.key.wiki == "lonely" || lease.priority == 4));
    }
    CHECK(wikis.count("big") == 2);
    CHECK(wikis.count("lonely") == 1);
    CHECK(wikis.count("small") == 20);
    CHECK(wikis.size() == 23);
}
