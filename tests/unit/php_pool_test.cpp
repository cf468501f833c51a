// SPDX-License-Identifier: GPL-2.0-or-later
// The pool of workers, with workers that misbehave (tests/support/fake_worker.py).
#include "fake_worker.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <fstream>
#include <set>
#include <thread>

using namespace runner::php;
using namespace std::chrono_literals;
using Catch::Contains;
using runner::test::fake_workers;
using runner::test::is_there;
using runner::test::starts;
using runner::test::TempDir;

namespace {

std::string told(const std::string& what) { return "{\"do\":\"" + what + "\"}"; }

template <class Condition>
bool soon(Condition condition) {
    for (int i = 0; i < 500; ++i) {
        if (condition())
            return true;
        std::this_thread::sleep_for(20ms);
    }
    return false;
}

bool none_is_left(const TempDir& folder) {
    for (const int process : starts(folder))
        if (is_there(process))
            return false;
    return true;
}

} // namespace

TEST_CASE("a worker is started when it is first needed, and kept") {
    const TempDir folder;
    Pool pool(fake_workers(folder));
    CHECK(starts(folder).empty());
    const std::string first = pool.ask(R"({"do":"nothing special","n":1})");
    CHECK_THAT(first, Contains(R"("n": 1)"));
    for (int i = 0; i < 20; ++i)
        (void)pool.ask("{}");
    CHECK(starts(folder).size() == 1);
    CHECK(pool.counts().requests == 21);
    CHECK(pool.counts().alive == 1);
    CHECK_THAT(pool.greeting(), Contains("testwiki"));
}

TEST_CASE("when the pool ends no process is left, not even a zombie") {
    const TempDir folder;
    {
        auto options = fake_workers(folder);
        options.count = 3;
        Pool pool(options);
        std::vector<std::thread> threads;
        for (int i = 0; i < 6; ++i)
            threads.emplace_back([&] { (void)pool.ask(told("slowly")); });
        for (std::thread& thread : threads)
            thread.join();
    }
    CHECK_FALSE(starts(folder).empty());
    CHECK(none_is_left(folder));
}

TEST_CASE("a worker is replaced after a number of requests or bytes") {
    const TempDir folder;
    auto options = fake_workers(folder);
    SECTION("requests") { options.max_requests = 5; }
    SECTION("bytes") { options.max_bytes = 100; }
    Pool pool(options);
    for (int i = 0; i < 20; ++i)
        (void)pool.ask("{}");
    CHECK(pool.counts().recycled >= 3);
    CHECK(pool.counts().died == 0);
    const auto all = starts(folder);
    CHECK(all.size() >= 4);
    CHECK(soon([&] { return !is_there(all.front()); }));
}

TEST_CASE("what a worker was doing when it died another does") {
    const TempDir folder;
    Pool pool(fake_workers(folder));
    CHECK_THAT(pool.ask(told("die-once")), Contains("die-once"));
    CHECK(starts(folder).size() == 2);
    CHECK(pool.counts().died == 1);
    CHECK(pool.counts().failures == 0);
}

TEST_CASE("a request that kills every worker fails, and others do not") {
    const TempDir folder;
    Pool pool(fake_workers(folder));
    const auto what = GENERATE("die", "half", "print", "wrong-number");
    CHECK_THROWS_AS(pool.ask(told(what)), WorkersUnavailable);
    (void)soon([&] { // there may be a pause before the next start
        try {
            return !pool.ask("{}").empty();
        } catch (const WorkersUnavailable&) {
            return false;
        }
    });
    CHECK_FALSE(pool.ask("{}").empty());
    CHECK(pool.counts().failures >= 1);
}

TEST_CASE("the failure reports how the worker ended and its last output") {
    const TempDir folder;
    Pool pool(fake_workers(folder));
    (void)pool.ask("{}");
    CHECK_THROWS_WITH(pool.ask(told("die")),
                      Contains("exit code 3") && Contains("out of memory, as it were"));
}

TEST_CASE("stray text between frames is reported") {
    const TempDir folder;
    Pool pool(fake_workers(folder));
    CHECK_THROWS_WITH(pool.ask(told("print")), Contains("Warning: Undefined variable"));
}

TEST_CASE("a worker past its deadline is killed with all that it started") {
    const TempDir folder;
    auto options = fake_workers(folder);
    options.timeout = 300ms;
    Pool pool(options);
    (void)pool.ask("{}");
    CHECK_THROWS_WITH(pool.ask(told("hang-with-child")), Contains("no response in time"));
    CHECK(pool.counts().killed == 1);
    const int worker = starts(folder).front();
    CHECK(soon([&] { return !is_there(worker); }));
    int child = 0;
    std::ifstream(folder.path() / "child") >> child;
    REQUIRE(child > 0);
    CHECK(soon([&] { // killed; who waits for it is init, if there is a real one
        std::ifstream status("/proc/" + std::to_string(child) + "/stat");
        std::string text;
        std::getline(status, text);
        return text.empty() || text.find(") Z ") != std::string::npos;
    }));
    CHECK_FALSE(pool.ask("{}").empty());
}

TEST_CASE("answers may be large, slow, or come with many complaints") {
    const TempDir folder;
    Pool pool(fake_workers(folder));
    CHECK(pool.ask(R"({"do":"large","size":20000000})").size() == 20'000'002);
    CHECK(pool.ask(told("slowly")) == R"({"slow":true})");
    CHECK_THAT(pool.ask(told("complain")), Contains("complain"));
    const std::string large_request = "{\"text\":\"" + std::string(5'000'000, 'x') + "\"}";
    CHECK(pool.ask(large_request).size() > large_request.size());
    CHECK(starts(folder).size() == 1);
}

TEST_CASE("a worker that sends data without a request is not used again") {
    const TempDir folder;
    Pool pool(fake_workers(folder));
    CHECK(pool.ask(told("twice")) == R"({"first":1})");
    CHECK_THAT(pool.ask("{}"), Contains("pid"));
    CHECK(starts(folder).size() == 2);
}

TEST_CASE("a command that does not start a worker is reported clearly") {
    const TempDir folder;
    auto options = fake_workers(folder);
    std::string words;
    SECTION("it ends") {
        options = fake_workers(folder, "ends");
        words = "no LocalSettings.php";
    }
    SECTION("it prints text") {
        options = fake_workers(folder, "prints-text");
        words = "Set up the wiki first";
    }
    SECTION("it is something else") {
        options = fake_workers(folder, "is-another-program");
        words = "does not start a worker of this version";
    }
    SECTION("it prints nothing") {
        options = fake_workers(folder, "says-nothing");
        options.start_timeout = 200ms;
        words = "no response in time";
    }
    SECTION("there is no such program") {
        options.command = {"no-such-program-anywhere"};
        words = "no such program in PATH";
    }
    SECTION("it can't be executed") {
        options.command = {(folder.path() / "starts").string()};
        std::ofstream(folder.path() / "starts").put('\n');
        words = "ermission denied";
    }
    SECTION("it is not a program") {
        options.command = {(folder.path() / "nonsense").string()};
        std::ofstream(folder.path() / "nonsense").put('\1');
        std::filesystem::permissions(folder.path() / "nonsense", std::filesystem::perms::all);
        words = "nonsense";
    }
    Pool pool(options);
    CHECK_THROWS_WITH(pool.ask("{}"), Contains(words));
    CHECK(pool.counts().failures >= 1);
}

TEST_CASE("starts that fail are retried after a pause") {
    const TempDir folder;
    Pool pool(fake_workers(folder, "ends-until-third"));
    CHECK(soon([&] {
        try {
            return !pool.ask("{}").empty();
        } catch (const WorkersUnavailable&) {
            return false;
        }
    }));
    CHECK(starts(folder).size() == 3);
}

TEST_CASE("an idle worker that dies is replaced and leaves no zombie") {
    const TempDir folder;
    Pool pool(fake_workers(folder));
    (void)pool.ask("{}");
    const int worker = starts(folder).at(0);
    ::kill(worker, SIGKILL);
    CHECK(soon([&] { return !is_there(worker); }));
    CHECK_FALSE(pool.ask("{}").empty());
    CHECK(starts(folder).size() == 2);
}

TEST_CASE("as many requests run concurrently as there may be workers") {
    const TempDir folder;
    auto options = fake_workers(folder);
    options.count = 4;
    Pool pool(options);
    std::vector<std::thread> threads;
    std::atomic<int> good{0};
    for (int i = 0; i < 16; ++i)
        threads.emplace_back([&, i] {
            for (int n = 0; n < 10; ++n) {
                const std::string request = "{\"n\":" + std::to_string(i * 100 + n) + "}";
                const std::string answer =
                    pool.ask(request, n % 2 == 0 ? Urgency::normal : Urgency::background);
                good += answer.find(std::to_string(i * 100 + n) + "}") != std::string::npos ? 1 : 0;
            }
        });
    for (std::thread& thread : threads)
        thread.join();
    CHECK(good == 160);
    CHECK(starts(folder).size() <= 4);
    CHECK(pool.counts().busy == 0);
}

TEST_CASE("callers that wait for a response get an error when the pool ends") {
    const TempDir folder;
    auto pool = std::make_unique<Pool>(fake_workers(folder));
    (void)pool->ask("{}");
    std::atomic<bool> told_so{false};
    std::thread asker([&] {
        try {
            (void)pool->ask(told("hang"));
        } catch (const WorkersUnavailable&) {
            told_so = true;
        }
    });
    CHECK(soon([&] { return pool->counts().busy == 1; }));
    // the pool may only go when nobody uses it: ending its process does the same from outside
    ::kill(starts(folder).back(), SIGKILL);
    CHECK(soon([&] { return starts(folder).size() == 4 || told_so || pool->counts().died > 0; }));
    for (int i = 0; i < 500 && !told_so; ++i) {
        ::kill(starts(folder).back(), SIGKILL);
        std::this_thread::sleep_for(20ms);
    }
    asker.join();
    CHECK(told_so);
    pool.reset();
    CHECK(none_is_left(folder));
}
