// SPDX-License-Identifier: GPL-2.0-or-later
#include "app/process/parts.hpp"

#include <catch2/catch.hpp>

#include <stdexcept>
#include <string>
#include <utility>

using namespace runner;

namespace {

struct Recorder {
    std::string& log;
    std::string name;
    bool fails = false;
    void start() {
        if (std::exchange(fails, false))
            throw std::runtime_error(name);
        log += "+" + name;
    }
    void stop() { log += "-" + name; }
};

struct Counted {
    std::size_t in_hand = 3;
    void report(ops::Snapshot& snapshot) const { snapshot.in_hand = in_hand; }
};

} // namespace

TEST_CASE("parts start in the order of the list and stop in reverse", "[app]") {
    std::string log;
    Recorder first{log, "first"};
    Recorder second{log, "second"};
    app::Parts parts;
    parts.add(first);
    parts.add(second);
    parts.start();
    parts.stop();
    CHECK(log == "+first+second-second-first");
}

TEST_CASE("a start that failed goes on with the part that failed", "[app]") {
    std::string log;
    Recorder first{log, "first"};
    Recorder second{log, "second", true};
    app::Parts parts;
    parts.add(first);
    parts.add(second);
    CHECK_THROWS_WITH(parts.start(), "second");
    parts.start();
    CHECK(log == "+first+second");
}

TEST_CASE("a late part is there from start to stop, and reports only then", "[app]") {
    int made = 0;
    app::Late<Counted> late{[&] {
        ++made;
        return std::make_unique<Counted>();
    }};
    app::Parts parts;
    parts.add(late);
    ops::Snapshot before;
    parts.report(before);
    CHECK(before.in_hand == 0);
    late.start(); // before the list comes to it
    parts.start();
    ops::Snapshot during;
    parts.report(during);
    CHECK(during.in_hand == 3);
    CHECK(made == 1);
    parts.stop();
    parts.stop();
    CHECK(late.get() == nullptr);
}
