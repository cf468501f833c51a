// SPDX-License-Identifier: GPL-2.0-or-later
// Leases: held by one worker, prolonged, given back, run out and taken over.
#include "database.hpp"

#include "base/clock.hpp"
#include "store/job_table.hpp"
#include "store/result_store.hpp"

#include <mutex>
#include <set>
#include <thread>

#include <catch2/catch.hpp>

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
            .store(std::vector<store::Completed>{completed(
                lease, result(lease.key.entity.to_string(), revision))})
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

TEST_CASE("a lease tells what the job is") {
    Fixture f;
    (void)f.table.accept(Jobs{job("L7-F1", 12, "{}", 3)});
    const auto lease = f.lease().at(0);
    CHECK(lease.key == tests::key("L7-F1"));
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
                    if (leases.empty() && table.ready_wikis().empty())
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

TEST_CASE("a request for whatever is current, made while the job runs, is answered by a new check") {
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
    CHECK(taken.attempts == 2);
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

TEST_CASE("a heartbeat prolongs a lease on the database's clock") {
    Fixture f;
    (void)f.table.accept(Jobs{job("Q1")});
    const auto lease = f.lease(1, 1s).at(0);
    CHECK(f.table.heartbeat(Leases{lease}, 1h) == std::vector<bool>{true});
    CHECK(f.database.one("SELECT due_at > now() + interval '59 minutes' FROM "
                         "constraint_runner.job") == "t");
}

TEST_CASE("released jobs are ready at once and the attempt does not count") {
    Fixture f;
    (void)f.table.accept(Jobs{job("Q1"), job("Q2")});
    const auto leases = f.lease();
    f.table.release(leases);
    CHECK(f.table.counts().ready == 2);
    CHECK(f.lease().at(0).attempts == 1);
}

TEST_CASE("a runner that comes back under its name releases what it held") {
    Fixture f;
    (void)f.table.accept(Jobs{job("Q1"), job("Q2"), job("Q3")});
    (void)f.lease(2, 60s, "me");
    (void)f.lease(1, 60s, "other");
    CHECK(f.table.release_worker("me") == 2);
    CHECK(f.table.counts().ready == 2);
    CHECK(f.table.counts().leased == 1);
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

TEST_CASE("the wikis with ready jobs are found without reading their jobs") {
    Fixture f;
    CHECK(f.table.ready_wikis().empty());
    Jobs jobs;
    for (int i = 1; i <= 300; ++i)
        jobs.push_back(job("Q" + std::to_string(i), 0, "", 0, i % 3 != 0 ? "big" : "small"));
    jobs.push_back(job("Q1", 0, "", 0, "lonely"));
    (void)f.table.accept(jobs);
    CHECK(f.table.ready_wikis() == std::vector<std::string>{"big", "lonely", "small"});
    const std::vector<store::WikiShare> shares{{"big", 2}, {"lonely", 2}, {"none", 2},
                                               {"small", 3}};
    std::multiset<std::string> wikis;
    for (const auto& lease : f.table.lease("w", shares, 60s))
        wikis.insert(lease.key.wiki);
    CHECK(wikis == std::multiset<std::string>{"big", "big", "lonely", "small", "small", "small"});
    CHECK(f.table.ready_wikis() == std::vector<std::string>{"big", "small"});
}
