// SPDX-License-Identifier: GPL-2.0-or-later
// Group commit: many callers, few transactions, an answer of one's own for each.
#include "database.hpp"
#include "queue/acceptor.hpp"
#include "store/jobs/job_table.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

using namespace runner;
using tests::Database;
using tests::job;
using Jobs = std::vector<store::NewJob>;
using namespace std::chrono_literals;

namespace {

queue::AcceptorOptions options(const Database& database, std::uint64_t max_length = 1'000'000) {
    queue::AcceptorOptions options;
    options.database = database.options();
    options.max_length = max_length;
    return options;
}

Jobs numbered(int first, int count) {
    Jobs jobs;
    for (int i = first; i < first + count; ++i)
        jobs.push_back(job("Q" + std::to_string(i), 1, "{}"));
    return jobs;
}

} // namespace

TEST_CASE("each caller gets its own counts") {
    const Database database;
    queue::DocumentCache documents(1 << 20);
    std::atomic<int> woken{0};
    queue::Acceptor acceptor(options(database), documents, [&] { ++woken; });
    auto first = acceptor.submit(numbered(1, 3));
    CHECK(first.get().accepted == 3);
    auto second = acceptor.submit(numbered(2, 4)).get();
    CHECK(second.accepted == 2);
    CHECK(second.coalesced == 2);
    auto none = acceptor.submit({}).get();
    CHECK(none.accepted + none.coalesced == 0);
    CHECK(woken == 2);
    CHECK(documents.size() == 5);
    CHECK(acceptor.status().length == 5);
}

TEST_CASE("many single jobs at once take few transactions, and none is lost") {
    const Database database;
    queue::DocumentCache documents(1 << 20);
    queue::Acceptor acceptor(options(database), documents);
    std::atomic<std::uint64_t> accepted{0};
    std::atomic<std::uint64_t> coalesced{0};
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 8; ++t)
            threads.emplace_back([&, t] {
                std::vector<std::future<store::Accepted>> answers;
                for (int i = 0; i < 100; ++i) // every entity from two threads
                    answers.push_back(acceptor.submit(numbered(1 + (t / 2) * 100 + i, 1)));
                for (auto& answer : answers) {
                    const auto counts = answer.get();
                    accepted += counts.accepted;
                    coalesced += counts.coalesced;
                }
            });
    }
    CHECK(accepted == 400);
    CHECK(coalesced == 400);
    CHECK(database.one("SELECT count(*) FROM constraint_runner.job") == "400");
    CHECK(acceptor.status().jobs == 800);
    CHECK(acceptor.status().transactions < 400);
}

TEST_CASE("a full queue refuses whole requests and says when to come back") {
    const Database database;
    queue::DocumentCache documents(1 << 20);
    queue::Acceptor acceptor(options(database, 10), documents);
    CHECK(acceptor.submit(numbered(1, 8)).get().accepted == 8);
    try {
        (void)acceptor.submit(numbered(100, 3)).get();
        FAIL("accepted");
    } catch (const queue::QueueFull& full) {
        CHECK(full.retry_after >= 1s);
        CHECK(full.retry_after <= 60s);
        CHECK_THAT(full.what(), Catch::Contains("8 jobs wait, 10 may"));
    }
    CHECK(acceptor.submit(numbered(200, 2)).get().accepted == 2);
    CHECK_THROWS_AS(acceptor.submit(numbered(300, 1)).get(), queue::QueueFull);
    CHECK(database.one("SELECT count(*) FROM constraint_runner.job") == "10");
    CHECK(acceptor.status().refused == 4);

    database.rows("DELETE FROM constraint_runner.job");
    std::uint64_t accepted = 0;
    for (int attempt = 0;; ++attempt) { // room is noticed soon, by itself
        try {
            accepted = acceptor.submit(numbered(400, 1)).get().accepted;
            break;
        } catch (const queue::QueueFull&) {
            REQUIRE(attempt < 1'000);
            std::this_thread::sleep_for(5ms);
        }
    }
    CHECK(accepted == 1);
    acceptor.set_max_length(1);
    CHECK_THROWS_AS(acceptor.submit(numbered(500, 1)).get(), queue::QueueFull);
}

TEST_CASE("a wiki whose jobs fill the queue leaves the others their shares") {
    const Database database;
    queue::DocumentCache documents(1 << 20);
    auto shared = options(database, 10);
    shared.wikis = 2;
    queue::Acceptor acceptor(shared, documents);
    const auto other = [](int first, int count) {
        Jobs jobs;
        for (int i = first; i < first + count; ++i)
            jobs.push_back(job("Q" + std::to_string(i), 1, "{}", 0, "otherwiki"));
        return jobs;
    };
    CHECK(acceptor.submit(numbered(1, 10)).get().accepted == 10);
    CHECK_THROWS_AS(acceptor.submit(numbered(20, 1)).get(), queue::QueueFull);
    CHECK(acceptor.submit(other(1, 4)).get().accepted == 4);
    CHECK_THROWS_AS(acceptor.submit(other(5, 2)).get(), queue::QueueFull);
    CHECK(acceptor.submit(other(5, 1)).get().accepted == 1);
    CHECK_THROWS_AS(acceptor.submit(other(6, 1)).get(), queue::QueueFull);
    Jobs both = other(6, 1);
    both.push_back(job("Q21"));
    CHECK_THROWS_AS(acceptor.submit(both).get(), queue::QueueFull);
    CHECK(database.one("SELECT count(*) FROM constraint_runner.job") == "15");
}

TEST_CASE("jobs that the database can't take fail alone") {
    const Database database;
    queue::DocumentCache documents(1 << 20);
    queue::Acceptor acceptor(options(database), documents);
    std::vector<std::future<store::Accepted>> answers;
    for (int i = 1; i <= 40; ++i)
        answers.push_back(acceptor.submit(i % 10 == 0 ? Jobs{job("Q1", 1, "", 0, "not utf-8 \xff")}
                                                      : numbered(i, 1)));
    int failed = 0;
    std::uint64_t accepted = 0;
    for (auto& answer : answers) {
        try {
            accepted += answer.get().accepted;
        } catch (const base::DataError&) {
            ++failed;
        }
    }
    CHECK(failed == 4);
    CHECK(accepted == 36);
    CHECK(database.one("SELECT count(*) FROM constraint_runner.job") == "36");
}

TEST_CASE("a database that goes away fails what waits, and comes back by itself") {
    const Database database;
    queue::DocumentCache documents(1 << 20);
    queue::Acceptor acceptor(options(database), documents);
    CHECK(acceptor.submit(numbered(1, 1)).get().accepted == 1);
    database.disconnect_all(); // a connection that broke is made again without a word
    CHECK(acceptor.submit(numbered(2, 1)).get().accepted == 1);
    const std::string allow = "ALTER DATABASE " + database.name() + " ALLOW_CONNECTIONS ";
    Database::administer(allow + "false");
    database.disconnect_all();
    CHECK_THROWS_AS(acceptor.submit(numbered(3, 1)).get(), base::UnavailableError);
    CHECK_FALSE(acceptor.status().available);
    Database::administer(allow + "true");
    for (int attempt = 0;; ++attempt) {
        try {
            (void)acceptor.submit(numbered(3, 1)).get();
            break;
        } catch (const base::UnavailableError&) {
            REQUIRE(attempt < 1'000);
            std::this_thread::sleep_for(5ms);
        }
    }
    CHECK(acceptor.status().available);
    CHECK(database.one("SELECT count(*) FROM constraint_runner.job") == "3");
}

TEST_CASE("stopping finishes what was submitted and refuses what comes after") {
    const Database database;
    queue::DocumentCache documents(1 << 20);
    queue::Acceptor acceptor(options(database), documents);
    std::vector<std::future<store::Accepted>> answers;
    for (int i = 1; i <= 50; ++i)
        answers.push_back(acceptor.submit(numbered(i, 1)));
    acceptor.stop();
    for (auto& answer : answers)
        CHECK(answer.get().accepted == 1);
    CHECK_THROWS_AS(acceptor.submit(numbered(99, 1)).get(), base::UnavailableError);
    acceptor.stop();
}
