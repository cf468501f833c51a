// SPDX-License-Identifier: GPL-2.0-or-later
// The bounded queue, the thread pool and the work permits.
#include "base/bounded_queue.hpp"
#include "base/thread_pool.hpp"
#include "base/work_permits.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <thread>

using namespace runner::base;
using namespace std::chrono_literals;

TEST_CASE("a bounded queue keeps the order and moves its elements") {
    BoundedQueue<std::unique_ptr<int>> queue(3);
    for (int i = 0; i < 3; ++i)
        REQUIRE(queue.push(std::make_unique<int>(i)));
    auto refused = std::make_unique<int>(3);
    CHECK_FALSE(queue.try_push(std::move(refused)));
    CHECK(refused != nullptr); // not taken when refused
    CHECK(**queue.pop() == 0);
    const auto rest = queue.pop_some(10);
    REQUIRE(rest.size() == 2);
    CHECK(*rest[1] == 2);
    CHECK_FALSE(queue.pop_for(1ms));
}

TEST_CASE("a closed queue gives out what it has and takes nothing") {
    BoundedQueue<int> queue(2);
    REQUIRE(queue.push(1));
    queue.close();
    CHECK_FALSE(queue.push(2));
    CHECK(queue.pop() == 1);
    CHECK_FALSE(queue.pop());
    CHECK(queue.pop_some(4).empty());
    CHECK(queue.closed());
}

TEST_CASE("closing wakes a producer that waits for room and a consumer that waits for work") {
    BoundedQueue<int> full(1);
    BoundedQueue<int> empty(1);
    REQUIRE(full.push(1));
    std::atomic<int> done{0};
    std::thread producer([&] { done += full.push(2) ? 100 : 1; });
    std::thread consumer([&] { done += empty.pop() ? 100 : 1; });
    full.close();
    empty.close();
    producer.join();
    consumer.join();
    CHECK(done == 2);
}

TEST_CASE("every element gets through a small queue between many threads once") {
    BoundedQueue<int> queue(4);
    std::atomic<long> sum{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t)
        threads.emplace_back([&] {
            while (auto n = queue.pop())
                sum += *n;
        });
    std::vector<std::thread> producers;
    for (int t = 0; t < 3; ++t)
        producers.emplace_back([&] {
            for (int i = 1; i <= 1000; ++i)
                if (!queue.push(std::move(i)))
                    std::terminate();
        });
    for (auto& p : producers)
        p.join();
    queue.close();
    for (auto& t : threads)
        t.join();
    CHECK(sum == 3 * 500'500);
}

TEST_CASE("a pool runs every task that was posted before it closed") {
    std::atomic<int> ran{0};
    {
        ThreadPool pool(3, "test", 8);
        for (int i = 0; i < 500; ++i)
            REQUIRE(pool.post([&ran] { ++ran; }));
        pool.close();
        CHECK_FALSE(pool.post([&ran] { ++ran; }));
    }
    CHECK(ran == 500);
}

TEST_CASE("submit hands back the value or the exception of a move-only task") {
    ThreadPool pool(2, "test");
    auto number = std::make_unique<int>(42);
    auto value = pool.submit([n = std::move(number)] { return *n; });
    auto error = pool.submit([]() -> int { throw std::runtime_error("no"); });
    CHECK(value.get() == 42);
    CHECK_THROWS_WITH(error.get(), "no");
}

TEST_CASE("a failing task does not end its thread") {
    ThreadPool pool(1, "test");
    pool.post([] { throw std::runtime_error("this line in the log is expected"); });
    CHECK(pool.submit([] { return 1; }).get() == 1);
}

TEST_CASE("tasks that wait can be thrown away") {
    ThreadPool pool(1, "test");
    std::promise<void> gate;
    std::promise<void> started;
    pool.post([&] {
        started.set_value();
        gate.get_future().wait();
    });
    started.get_future().wait();
    std::atomic<int> ran{0};
    for (int i = 0; i < 5; ++i)
        pool.post([&ran] { ++ran; });
    CHECK(pool.discard_waiting() == 5);
    gate.set_value();
    pool.close();
    CHECK(ran == 0);
}

TEST_CASE("a pool of no particular size has a thread for each usable CPU") {
    CHECK(ThreadPool(0).size() == usable_cpus());
    CHECK(usable_cpus() >= 1);
}

TEST_CASE("no more threads work at once than there are permits, but more may wait") {
    WorkPermits permits(2);
    std::atomic<int> at_work{0};
    std::atomic<int> most_at_work{0};
    std::atomic<int> waiting{0};
    const auto work = [&] {
        most_at_work = std::max(most_at_work.load(), ++at_work);
        std::this_thread::sleep_for(1ms);
        --at_work;
    };
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t)
        threads.emplace_back([&] {
            const Working working(permits);
            work();
            {
                const Waiting wait;
                const Waiting within; // has nothing to lend
                ++waiting;
                while (waiting < 8) // all of them wait at the same time
                    std::this_thread::yield();
            }
            work();
        });
    for (auto& thread : threads)
        thread.join();
    CHECK(most_at_work <= 2);
    CHECK(waiting == 8);
    const Waiting nothing; // this thread has no permit
    const Working first(permits);
}
