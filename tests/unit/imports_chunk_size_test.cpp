// SPDX-License-Identifier: GPL-2.0-or-later
// Sizes, pauses and rates of imports.
#include "imports/chunk_size.hpp"

#include <catch2/catch.hpp>

using namespace runner::imports;
using namespace std::chrono_literals;

namespace {

ChunkSize chunk_size(std::uint32_t saved = 0) { return ChunkSize({500, 5'000, 1s}, saved); }

} // namespace

TEST_CASE("chunk size: begins with 500, or what was saved within the limits") {
    CHECK(chunk_size().size() == 500);
    CHECK(chunk_size(70).size() == 70);
    CHECK(chunk_size(90'000).size() == 5'000);
    CHECK(ChunkSize({500, 100, 1s}).size() == 100);
    CHECK(ChunkSize({500, 0, 1s}).size() == 1);
}

TEST_CASE("chunk size: grows while answers are fast, up to the limit") {
    ChunkSize size = chunk_size();
    size.took(100ms);
    CHECK(size.size() == 750);
    size.took(99ms);
    CHECK(size.size() == 1'500);
    for (int i = 0; i < 20; ++i)
        size.took(100ms);
    CHECK(size.size() == 5'000);
    ChunkSize one = chunk_size(1);
    one.took(1ms);
    CHECK(one.size() == 2);
}

TEST_CASE("chunk size: stays when it takes what it should, shrinks when it takes much more") {
    ChunkSize size = chunk_size(1'000);
    size.took(600ms);
    size.took(1'900ms);
    CHECK(size.size() == 1'000);
    size.took(4s);
    CHECK(size.size() == 250);
    size.took(1h);
    CHECK(size.size() == 1);
}

TEST_CASE("chunk size: halves when it was too much, down to one") {
    ChunkSize size = chunk_size();
    CHECK(size.too_much());
    CHECK(size.size() == 250);
    for (int i = 0; i < 7; ++i)
        CHECK(size.too_much());
    CHECK(size.size() == 1);
    CHECK_FALSE(size.too_much());
    CHECK(size.size() == 1);
}

TEST_CASE("chunk size: nears with care what was too much, and tries it again after a while") {
    ChunkSize size = chunk_size(800);
    CHECK(size.too_much());
    CHECK(size.size() == 400);
    size.took(1ms);
    CHECK(size.size() == 600); // still below 800
    size.took(1ms);
    CHECK(size.size() == 660);
    for (int i = 0; i < 10; ++i)
        size.took(1ms);
    CHECK(size.size() == 799); // not what failed
    for (int i = 0; i < 30; ++i)
        size.took(1ms);
    CHECK(size.size() == 5'000);
}

TEST_CASE("pace: a rate limit asks for a pause, none does not") {
    CHECK(Pace{0}.pause(1'000'000, 1ms) == 0ms);
    CHECK(Pace{100}.pause(50, 200ms) == 300ms);
    CHECK(Pace{100}.pause(50, 2s) == 0ms);
    CHECK(Pace{100}.pause(0, 1ms) == 0ms);
}

TEST_CASE("the rate counts the time from chunk to chunk") {
    const std::chrono::steady_clock::time_point start{1h};
    Pulse pulse;
    const double rough = pulse.rate(0, 500, 500ms, start);
    CHECK(rough == Approx(1'000));
    // made at once, saved in five seconds
    const double second = pulse.rate(rough, 500, 1ms, start + 5s);
    CHECK(second == Approx(100)); // the first one did not know
    const double third = pulse.rate(second, 0, 1ms, start + 6s);
    CHECK(third < 100);
    CHECK(third > 80);
    CHECK(pulse.rate(third, 100'000, 1ms, start + 106s) == Approx(1'000).epsilon(0.01));
}

TEST_CASE("a rate outlives a restart, and begins without one") {
    const std::chrono::steady_clock::time_point start{1h};
    Pulse pulse;
    CHECK(pulse.rate(77, 500, 1ms, start) == Approx(77));
    CHECK(pulse.rate(77, 0, 1ms, start + 1s) < 77);
    Pulse fresh;
    CHECK(fresh.rate(0, 0, 60s, start) == 0); // facts were collected
    CHECK(fresh.rate(0, 100, 1ms, start + 1s) == Approx(100));
    CHECK(Pulse().rate(0, 5, 0ns, start) > 0);
}
