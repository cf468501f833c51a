// SPDX-License-Identifier: GPL-2.0-or-later
// What others commit is heard at once, and a cut connection is made anew.
#include "database.hpp"

#include "base/clock.hpp"
#include "publish/watcher.hpp"
#include "store/job_table.hpp"
#include "store/listener.hpp"
#include "store/result_store.hpp"

#include <atomic>
#include <mutex>
#include <thread>

#include <catch2/catch.hpp>

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
    REQUIRE(news.changed.size() == 2); // no pairs, no news
    CHECK(news.changed[0].wiki == "testwiki");
    CHECK(news.changed[0].entity == tests::key("Q1").entity);
    CHECK(news.changed[0].revision == 7);
    CHECK(news.changed[1].entity == tests::key("L2-F3").entity);
}

TEST_CASE("a batch of any size fits into notifications") {
    const Database database;
    store::Listener listener(database.options());
    (void)listener.wait(0ms);
    store::Session session(database.options());
    store::ResultStore results(session);
    std::vector<store::Completed> batch;
    for (int i = 1; i <= 1'000; ++i)
        batch.push_back(completed(
            result("Q" + std::to_string(2'000'000'000 + i), 1'000'000'000, {violation("s", "c")}),
            1, "a wiki with a \"long\" name"));
    (void)results.store(batch);
    std::size_t heard = 0;
    CHECK(within(5s, [&] {
        heard += listener.wait(10ms).changed.size();
        return heard >= 1'000;
    }));
    CHECK(heard == 1'000);
}

TEST_CASE("anyone may notify: what is no text of ours is passed over") {
    const Database database;
    store::Listener listener(database.options());
    (void)listener.wait(0ms);
    database.rows("SELECT pg_notify('constraint_runner', text) FROM unnest(ARRAY['', 'x', '{}', "
                  "'[1]', '[[]]', '[[\"w\",\"Q0\",1]]', '[[\"w\",\"Q1\",-1]]', "
                  "'[[\"w\",\"Q1\",1.5]]', '[[1,2,3]]', '[[\"w\",\"Q5\",1]]']) AS text");
    const auto news = listener.wait(5s);
    REQUIRE(news.changed.size() == 1);
    CHECK(news.changed[0].entity == tests::key("Q5").entity);
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

TEST_CASE("a cut connection is told, made anew, and what may be missed is told too") {
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

TEST_CASE("a watcher tells this process, through reconnects") {
    const Database database;
    std::mutex mutex;
    std::vector<std::string> changed;
    std::atomic<int> jobs{0};
    std::atomic<int> came{0};
    std::atomic<int> went{0};
    publish::Watcher watcher(database.options(),
                             {[&] { ++jobs; },
                              [&](const store::Changed& change) {
                                  const std::lock_guard lock(mutex);
                                  changed.push_back(change.entity.to_string());
                              },
                              [&](bool available) { ++(available ? came : went); }});
    CHECK(within(5s, [&] { return came == 1 && jobs == 1; }));
    store::Session session(database.options());
    store::ResultStore results(session);
    (void)results.store(std::vector{completed(result("Q1", 7, {violation("s", "c")}), 1)});
    CHECK(within(5s, [&] {
        const std::lock_guard lock(mutex);
        return changed == std::vector<std::string>{"Q1"};
    }));
    database.disconnect_all();
    CHECK(within(5s, [&] { return went == 1 && came == 2; }));
    CHECK(jobs == 2);
}
