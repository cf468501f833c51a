// SPDX-License-Identifier: GPL-2.0-or-later
// Regular expressions as preg_match of PHP 8.2 sees them in WBQC's format check, and the time that
// they may take. What single constructs match is tried by tests/cases/format/.
#include "checks/regex.hpp"
#include "checks/time_budget.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <thread>

using runner::checks::Regex;
using runner::checks::TimeBudget;
using namespace std::chrono_literals;

namespace {

bool matches(std::string_view format, std::string_view text) {
    const auto regex = Regex::compile(format);
    REQUIRE(regex);
    return regex->matches(text, 1h).value();
}

} // namespace

TEST_CASE("the pattern is anchored, its slashes are escaped", "[checks]") {
    CHECK(Regex::pattern("a|b") == "/^(?:a|b)$/u");
    CHECK(Regex::pattern("a/b") == "/^(?:a\\/b)$/u");
    CHECK(Regex::pattern("a\\/b") == "/^(?:a\\\\/b)$/u");
    CHECK(Regex::pattern("") == "/^(?:)$/u");
}

TEST_CASE("what preg_match warns about does not compile", "[checks]") {
    const std::string format =
        GENERATE(as<std::string>{}, "(", ")", "[", "*", "a\\", "a\\/b", "[b-a]", "(?<n>a)(?<n>b)",
                 "\\p{Nothing}", "\\1", "(?<=a+)b", "\\x{110000}", "a{2,1}", "(?P<1>a)", "\\y",
                 "\\i", "(?z)", "[[:nothing:]]", "\\g{}", "\\k<n>");
    CAPTURE(format);
    CHECK_FALSE(Regex::compile(format));
}

TEST_CASE("an escaped backslash before a slash is no escaped slash", "[checks]") {
    CHECK_FALSE(Regex::compile("a\\/")); // the delimiter ends the pattern too early
    CHECK(matches("a\\\\/b", "a\\/b"));
}

TEST_CASE("texts match whole, as characters", "[checks]") {
    CHECK(matches("[0-9]+", "123"));
    CHECK_FALSE(matches("[0-9]+", "123a"));
    CHECK(matches("[0-9]+", "123\n"));
    CHECK_FALSE(matches("[0-9]+", "123\n\n"));
    CHECK(matches("..", "日本"));
    CHECK(matches("\\w+", "naïve"));
    CHECK(matches("\\d", "٣"));
    CHECK(matches("", ""));
    CHECK_FALSE(matches("", "x"));
    CHECK(matches("a)|(?:b", "xb"));
    CHECK(matches("a)|(?:b", "axx"));
    CHECK_FALSE(matches("a)|(?:b", "xc"));
    CHECK(matches("(?!\\Kb)a", "a"));
}

TEST_CASE("a text with a zero byte is matched to its end", "[checks]") {
    CHECK_FALSE(matches("a", std::string_view{"a\0b", 3}));
    CHECK(matches("a.b", std::string_view{"a\0b", 3}));
}

TEST_CASE("backtracking without end is a no, and soon", "[checks]") {
    const auto began = std::chrono::steady_clock::now();
    CHECK_FALSE(matches("(a+)+b?c", std::string(60, 'a')));
    CHECK_FALSE(matches("(.*)*(.*)*(.*)*x", std::string(500, 'y')));
    CHECK_FALSE(matches("(a|aa)+$b", std::string(2000, 'a')));
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(30));
}

TEST_CASE("deep recursion is a no, not a crash", "[checks]") {
    CHECK_FALSE(matches("(?:(a)|b)*c", std::string(1'000'000, 'a')));
    CHECK_FALSE(matches("((?:a(?1)?b)?)x", std::string(100'000, 'a')));
}

TEST_CASE("one expression serves many threads", "[checks]") {
    const auto regex = Regex::compile("([a-z]+[0-9])+").value();
    std::vector<std::thread> threads;
    std::atomic<int> wrong{0};
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 2000; ++i)
                wrong += (regex.matches("ab1cd2", 1h).value() ? 0 : 1) +
                         (regex.matches("ab1cd", 1h).value() ? 1 : 0);
        });
    for (auto& thread : threads)
        thread.join();
    CHECK(wrong == 0);
}

TEST_CASE("long texts match as short ones do", "[checks]") {
    for (const std::size_t length : {2048U, 2049U, 1'000'000U}) {
        const std::string text(length, 'a');
        CHECK(matches("a+", text));
        CHECK(matches("(?:a|b)++", text));
        CHECK(matches("[a-c]{1,}(?C)a", text));
        CHECK(matches("a+", text + "\n"));
        CHECK_FALSE(matches("a+", text + "b"));
        CHECK_FALSE(matches("(a+)+[bc]", text));
    }
}

TEST_CASE("a long text on which a pattern would take hours is given up", "[checks]") {
    const auto regex = Regex::compile("(?:a(?=a*+))+");
    REQUIRE(regex);
    CHECK_FALSE(regex->matches(std::string(5'000'000, 'a'), 20ms));
    CHECK(regex->matches("aaa", 20ms) == true);
}

TEST_CASE("the time for expressions runs out", "[checks]") {
    TimeBudget budget(2ms);
    REQUIRE(budget.start());
    const auto until = std::chrono::steady_clock::now() + 4ms;
    while (std::chrono::steady_clock::now() < until) {
    }
    budget.stop();
    CHECK_FALSE(budget.start());
    TimeBudget other(1h);
    REQUIRE(other.start());
    other.stop();
    CHECK(other.start());
}

TEST_CASE("each reason is kept once", "[checks]") {
    TimeBudget budget(std::chrono::seconds(1));
    CHECK(budget.reasons().empty());
    budget.note("a");
    budget.note("b");
    budget.note("a");
    CHECK(budget.reasons() == std::vector<std::string>{"a", "b"});
}
