// SPDX-License-Identifier: GPL-2.0-or-later
// What others commit is heard at once, and a cut connection is made again.
#include "base/clock.hpp"
#include "database.hpp"
#include "publish/watcher.hpp"
#include "store/common/libpqxx.hpp"
#include "store/common/listener.hpp"
#include "store/jobs/job_table.hpp"
#include "store/results/class_changes.hpp"
#include "store/results/result_store.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

using namespace runner;
using tests::completed;
using tests::Database;
using tests::result;
using tests::violation;
using namespace std::chrono_literals;

namespace {

template <typename Condition>
bool within(std::chrono::milliseconds time, Condition condition) {
    const base::Deadline deadline(time);
    while (!condition()) {
        if (deadline.passed())
            return false;
        std::this_thread::sleep_for(2ms);
    }
    return true;
}

} // namespace

TEST_CASE("a listener hears of accepted jobs and of changed results") {
    const Database database;
    store::Listener listener(database.options());
    CHECK(listener.wait(0ms).connected_anew);
    const auto silence = listener.wait(1ms);
    CHECK_FALSE(silence.jobs);
    CHECK_FALSE(silence.connected_anew);

    store::Session session(database.options());
    store::JobTable table(session);
    store::ResultStore results(session);
    (void)table.accept(std::vector{tests::job("Q1", 1)});
    CHECK(listener.wait(5s).jobs);

    (void)results.store(std::vector{completed(result("Q1", 7, {violation("s", "c")}), 1),
                                    completed(result("L2-F3", 8, {violation("s", "c")}), 1),
                                    completed(result("Q2", 9), 1)});
    const auto news = listener.wait(5s);
    CHECK_FALSE(news.jobs);
    CHECK(news.results);
}

TEST_CASE("a wait is ended by another thread") {
    const Database database;
    store::Listener listener(database.options());
    (void)listener.wait(0ms);
    const base::Stopwatch watch;
    std::jthread other([&] { listener.wake(); });
    (void)listener.wait(30s);
    CHECK(watch.elapsed() < 10s);
}

TEST_CASE("a cut connection is reported, made again, and what may be missed is reported too") {
    const Database database;
    store::Listener listener(database.options());
    (void)listener.wait(0ms);
    database.disconnect_all();
    CHECK_THROWS_AS(listener.wait(5s), base::UnavailableError);
    CHECK(within(5s, [&] {
        try {
            return listener.wait(1ms).connected_anew;
        } catch (const base::UnavailableError&) {
            return false;
        }
    }));
}

TEST_CASE("notifications have no text that others could read") {
    const Database database;
    pqxx::connection other(database.options().conninfo);
    std::vector<std::string> jobs, results;
    [[maybe_unused]] const auto listens = {
        store::listen(other, "constraint_runner_jobs", [&](auto text) { jobs.emplace_back(text); }),
        store::listen(other, "constraint_runner", [&](auto text) { results.emplace_back(text); })};
    store::Session session(database.options());
    (void)store::JobTable(session).accept(std::vector{tests::job("Q1", 1)});
    (void)store::ResultStore(session).store(
        std::vector{completed(result("Q1", 7, {violation("s", "c")}), 1),
                    completed(result("Q2", 7, {violation("s", "c")}), 1)});
    CHECK(within(5s, [&] {
        other.get_notifs();
        return !jobs.empty() && !results.empty();
    }));
    CHECK(jobs == std::vector<std::string>{""});
    CHECK(results == std::vector<std::string>{""});
}

TEST_CASE("a watcher tells this process, through reconnects") {
    const Database database;
    std::atomic<int> jobs{0};
    std::atomic<int> results_changed{0};
    std::atomic<int> came{0};
    std::atomic<int> went{0};
    publish::Watcher watcher(database.options(),
                             {[&] { ++jobs; }, [&] { ++results_changed; },
                              [&](bool available) { ++(available ? came : went); }});
    CHECK(within(5s, [&] { return came == 1 && jobs == 1 && results_changed == 1; }));
    store::Session session(database.options());
    store::ResultStore results(session);
    (void)results.store(std::vector{completed(result("Q1", 7, {violation("s", "c")}), 1)});
    CHECK(within(5s, [&] { return results_changed == 2; }));
    database.disconnect_all();
    CHECK(within(5s, [&] { return went == 1 && came == 2; }));
    CHECK(jobs == 2);
}

TEST_CASE("a flood of notifications is a few calls") {
    const Database database;
    std::atomic<int> calls{0};
    publish::Watcher watcher(database.options(), {[&] { ++calls; }, [&] { ++calls; }, {}});
    CHECK(within(5s, [&] { return calls == 2; }));
    const base::Stopwatch watch;
    for (int i = 0; i < 20; ++i)
        database.rows(
            "SELECT pg_notify('constraint_runner', n::text), "
            "pg_notify('constraint_runner_jobs', n::text) FROM generate_series(1, 1000) n");
    CHECK(within(5s, [&] { return calls >= 4; }));
    const auto seconds = std::chrono::duration<double>(watch.elapsed()).count();
    CHECK(calls <= 4 + 2 * 50 * (seconds + 0.1));
}

TEST_CASE("a changed class is heard of by id, whatever the order of commits") {
    const Database database;
    store::Session session(database.options());
    CHECK(store::recent_class_changes(session).empty());
    store::ResultStore results(session);
    auto changed = result("Q5", 7);
    changed.is_class = true;
    changed.class_node = results::ClassNode{
        tests::key("Q5").entity, 7, results::ClassNode::State::found, {tests::key("Q6").entity}};
    (void)results.store(std::vector{completed(changed, 1)});
    const auto changes = store::recent_class_changes(session);
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].wiki == "testwiki");
    CHECK(changes[0].entity == tests::key("Q5").entity);
    CHECK(changes[0].revision == 7);
}
