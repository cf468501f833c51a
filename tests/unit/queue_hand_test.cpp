// SPDX-License-Identifier: GPL-2.0-or-later
// Which leased job a thread takes next, and what is leased ahead of it.
#include "queue/hand.hpp"

#include <catch2/catch.hpp>

#include <future>
#include <map>
#include <string>
#include <thread>
#include <vector>

using namespace runner;
using queue::Hand;
using namespace std::chrono_literals;

namespace {

std::vector<store::Lease> leases(const std::string& wiki, int count, std::int16_t priority = 0,
                                 unsigned first = 1) {
    std::vector<store::Lease> list;
    for (int i = 0; i < count; ++i) {
        store::Lease lease;
        lease.key = {
            wiki, *entity::EntityId::parse("Q" + std::to_string(first + static_cast<unsigned>(i)))};
        lease.priority = priority;
        list.push_back(std::move(lease));
    }
    return list;
}

std::string name(const std::optional<Hand::Job>& job) {
    return job ? job->lease.key.wiki + " " + job->lease.key.entity.to_string() : "none";
}

std::map<std::string, store::WikiShare> wanted(const Hand& hand, std::uint32_t most = 100) {
    std::map<std::string, store::WikiShare> shares;
    for (auto& share : hand.wanted(most))
        shares.emplace(share.wiki, share);
    return shares;
}

} // namespace

TEST_CASE("a wiki whose threads are all busy does not hold up another") {
    Hand hand({{"slow", 2}, {"fast", 2}}, 100, {});
    hand.put(leases("slow", 50));
    CHECK(name(hand.take()) == "slow Q1");
    CHECK(name(hand.take()) == "slow Q2");
    auto next = std::async(std::launch::async, [&] { return name(hand.take()); });
    CHECK(next.wait_for(20ms) == std::future_status::timeout);
    hand.put(leases("fast", 1));
    CHECK(next.get() == "fast Q1");
    next = std::async(std::launch::async, [&] { return name(hand.take()); });
    hand.done("slow", 0, 2s);
    CHECK(next.get() == "slow Q3");
}

TEST_CASE("wikis take turns") {
    Hand hand({{"a", 5}, {"b", 5}, {"c", 5}}, 100, {});
    hand.put(leases("a", 5));
    hand.put(leases("b", 5));
    hand.put(leases("c", 5));
    std::string order;
    for (int i = 0; i < 6; ++i)
        order += hand.take()->lease.key.wiki;
    CHECK(order == "abcabc");
}

TEST_CASE("a high priority goes first, with its own thread when all are busy with lower ones") {
    Hand hand({{"w", 1}}, 100, {});
    hand.put(leases("w", 10, -20));
    CHECK(name(hand.take()) == "w Q1");
    hand.put(leases("w", 2, 5, 50));
    CHECK(name(hand.take()) == "w Q50");
    auto next = std::async(std::launch::async, [&] { return name(hand.take()); });
    CHECK(next.wait_for(20ms) == std::future_status::timeout); // one more thread, not two
    hand.done("w", 5, 1ms);
    CHECK(next.get() == "w Q51");
}

TEST_CASE("as many jobs are leased ahead as a wiki processes within half a second") {
    Hand hand({{"slow", 2}, {"fast", 2}}, 100, {});
    for (int i = 0; i < 100; ++i) {
        hand.done("slow", 0, 2s);
        hand.done("fast", 0, 5ms);
    }
    CHECK(wanted(hand)["slow"].limit == 2);
    CHECK(wanted(hand)["fast"].limit == 100);
    CHECK(wanted(hand, 7)["fast"].limit == 7); // large documents
    hand.put(leases("fast", 40));
    CHECK(wanted(hand)["fast"].limit == 60);
    CHECK(wanted(hand)["fast"].min_priority < -1000);
}

TEST_CASE("when enough jobs are leased only more urgent ones are added") {
    Hand hand({{"w", 2}}, 100, {});
    for (int i = 0; i < 100; ++i)
        hand.done("w", 0, 2s);
    hand.put(leases("w", 2, -20));
    auto share = wanted(hand)["w"];
    CHECK(share.min_priority == -19);
    CHECK(share.limit == 2);
    hand.put(leases("w", 1, 0, 50));
    share = wanted(hand)["w"];
    CHECK(share.min_priority == -19);
    CHECK(share.limit == 1);
    hand.put(leases("w", 1, 0, 51));
    CHECK(wanted(hand).empty());
}

TEST_CASE("a wiki that becomes short of jobs asks for more, and closing gives back what waits") {
    int asked = 0;
    Hand hand({{"w", 2}}, 100, [&] { ++asked; });
    for (int i = 0; i < 100; ++i)
        hand.done("w", 0, 48ms); // 20 ahead
    hand.put(leases("w", 20));
    CHECK(name(hand.take()) == "w Q1");
    CHECK(asked == 0);
    for (int i = 0; i < 9; ++i) {
        hand.done("w", 0, 48ms);
        (void)hand.take();
    }
    CHECK(asked == 1);
    CHECK(hand.close().size() == 10);
    CHECK(name(hand.take()) == "none");
    CHECK(hand.closed());
    CHECK(hand.wanted(100).empty());
}

TEST_CASE("a wiki of which the queue has no more does not ask for more") {
    int asked = 0;
    Hand hand({{"a", 1}, {"b", 1}}, 8, [&] { ++asked; });
    const auto begin = [&] {
        const auto job = hand.take();
        hand.done(job->lease.key.wiki, job->lease.priority, 0s);
    };
    const std::vector<store::WikiShare> shares{{"a", 3}};
    CHECK_FALSE(hand.put(shares, leases("a", 2)));
    begin();
    begin();
    CHECK(asked == 0); // less was there than was wanted
    CHECK(hand.put(shares, leases("a", 3)));
    begin();
    begin();
    begin();
    CHECK(asked > 0); // all that was wanted: there may be more

    asked = 0;
    (void)hand.put(shares, leases("a", 2));
    (void)hand.put({}, leases("a", 1, 5)); // the wiki was not asked about: there may be more
    begin();
    CHECK(asked == 1);

    asked = 0;
    const std::vector<store::WikiShare> urgent{{"a", 3, 1}};
    (void)hand.put(urgent, {}); // what is not urgent may be there
    begin();
    CHECK(asked == 1);
}
