// SPDX-License-Identifier: GPL-2.0-or-later
// Regular expressions as preg_match of PHP 8.2 sees them in WBQC's format check, and the time that
// they may take. What single constructs match is tried by tests/cases/format/.
#include "checks/regex.hpp"
#include "checks/time_budget.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <thread>

using runner::checks::Match;
using runner::checks::Regex;
using runner::checks::TimeBudget;
using runner::config::PatternStyle;
using namespace std::chrono_literals;

namespace {

constexpr PatternStyle slashes = PatternStyle::slashes;
constexpr PatternStyle parentheses = PatternStyle::parentheses;

Match match(std::string_view format, std::string_view text, PatternStyle style = parentheses) {
    const auto regex = Regex::compile(format, style);
    REQUIRE(regex);
    return regex->matches(text, 1h);
}

bool matches(std::string_view format, std::string_view text, PatternStyle style = parentheses) {
    return match(format, text, style) == Match::yes;
}

} // namespace

TEST_CASE("the pattern is anchored, between delimiters", "[checks]") {
    CHECK(Regex::pattern("a|b", slashes) == "/^(?:a|b)$/u");
    CHECK(Regex::pattern("a/b", slashes) == "/^(?:a\\/b)$/u");
    CHECK(Regex::pattern("a\\/b", slashes) == "/^(?:a\\\\/b)$/u");
    CHECK(Regex::pattern("", slashes) == "/^(?:)$/u");
    CHECK(Regex::pattern("a|b", parentheses) == "(^(?:a|b)$)u");
    CHECK(Regex::pattern("a\\/b/", parentheses) == "(^(?:a\\/b/)$)u");
}

TEST_CASE("what preg_match warns about does not compile", "[checks]") {
    const std::string format =
        GENERATE(as<std::string>{}, "(", ")", "[", "*", "a\\", "[b-a]", "(?<n>a)(?<n>b)",
                 "\\p{Nothing}", "\\1", "(?<=a+)b", "\\x{110000}", "a{2,1}", "(?P<1>a)", "\\y",
                 "\\i", "(?z)", "[[:nothing:]]", "\\g{}", "\\k<n>");
    CAPTURE(format);
    CHECK_FALSE(Regex::compile(format, slashes));
    CHECK_FALSE(Regex::compile(format, parentheses));
}

TEST_CASE("between slashes an escaped slash ends the pattern", "[checks]") {
    CHECK_FALSE(Regex::compile("a\\/b", slashes));
    CHECK_FALSE(Regex::compile("a\\/", slashes));
    CHECK(matches("a\\\\/b", "a\\/b", slashes)); // an escaped backslash before a slash
    CHECK(matches("a\\/b", "a/b"));
    CHECK(matches("a/b", "a/b"));
    CHECK_FALSE(matches("a\\\\/b", "a/b"));
}

TEST_CASE("between parentheses PHP counts parentheses and knows nothing else", "[checks]") {
    const std::string refused =
        GENERATE(as<std::string>{}, "[^)]+", "[(]x", "\\Qa)\\E", "\\Q(\\E", "a(?#(x)b",
                 "(?x)a # ) here", "\\c(", "a)", "a))((b", "(\\)", "\\");
    CAPTURE(refused);
    CHECK_FALSE(Regex::compile(refused, parentheses));
}

TEST_CASE("balanced parentheses are no end, wherever they are", "[checks]") {
    CHECK(matches("[()]+", ")("));
    CHECK(matches("[)(]", ")"));
    CHECK(matches("[\\)]+", "))"));
    CHECK(matches("[^\\(\\)]+", "ab"));
    CHECK(matches("\\(a\\)", "(a)"));
    CHECK(matches("\\\\(a)", "\\a"));
    CHECK(matches("\\Q(a)\\E", "(a)"));
    CHECK(matches("a(?#x)b", "ab"));
    // out of the anchors
    CHECK(matches("a)(b", "abc") == false);
    CHECK(matches("a)(?:b", "ab"));
    CHECK(matches("a)|(?:b", "axx"));
    CHECK(matches("a)|(?:b", "xb"));
    CHECK_FALSE(matches("a)|(?:b", "xc"));
    CHECK(matches("[^)]+", "ab", slashes));
    CHECK(matches("[(]x", "(x", slashes));
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
    CHECK(matches("(?!\\Kb)a", "a"));
}

TEST_CASE("a text with a zero byte is matched to its end", "[checks]") {
    CHECK_FALSE(matches("a", std::string_view{"a\0b", 3}));
    CHECK(matches("a.b", std::string_view{"a\0b", 3}));
}

TEST_CASE("backtracking without end is abandoned, and soon", "[checks]") {
    const auto began = std::chrono::steady_clock::now();
    CHECK(match("(?:(?:a+)+)+", std::string(60, 'a') + "b") == Match::limit);
    CHECK_FALSE(matches("(.*)*(.*)*(.*)*x", std::string(500, 'y')));
    CHECK(match("(a+)+b?c", std::string(60, 'a')) == Match::no); // a "c" must be there
    CHECK(match("(a|aa)+$", std::string(60, 'a') + "b") == Match::limit);
    CHECK(match("(a+)+", std::string(60, 'a') + "b", slashes) == Match::limit);
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(30));
}

TEST_CASE("deep recursion is abandoned, no crash", "[checks]") {
    CHECK_FALSE(matches("(?:(a)|b)*c", std::string(1'000'000, 'a')));
    CHECK_FALSE(matches("((?:a(?1)?b)?)x", std::string(100'000, 'a')));
}

TEST_CASE("one expression serves many threads", "[checks]") {
    const auto regex = Regex::compile("([a-z]+[0-9])+", parentheses).value();
    std::vector<std::thread> threads;
    std::atomic<int> wrong{0};
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 2000; ++i)
                wrong += (regex.matches("ab1cd2", 1h) == Match::yes ? 0 : 1) +
                         (regex.matches("ab1cd", 1h) == Match::no ? 0 : 1);
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

TEST_CASE("in long texts the limits are those of preg_match, no lower ones", "[checks]") {
    // what preg_match of PHP 8.2 (PCRE2 10.42, pcre.jit on) says of (^(?:R)$)u
    struct Case {
        std::string_view format;
        std::string text;
        Match php;
    };
    std::string accents;
    for (int i = 0; i < 1026; ++i)
        accents += "é";
    const auto as = [](std::size_t n) { return std::string(n, 'a'); };
    for (const auto& [format, text, php] : {
             Case{"((((((.))))))*", accents, Match::yes},
             Case{"(?>(a|b))*", as(3000), Match::yes},
             Case{"(?:(?=(.))\\1)*", as(3000), Match::yes},
             Case{"(a|b|c)*", as(5000), Match::yes},
             Case{"(.)*", as(5000), Match::yes},
             Case{"(\\p{L}|\\d)*", as(5000), Match::yes},
             Case{"(a|)+", as(5000), Match::yes},
             Case{"(a|b|c)*", as(50'000), Match::limit},
             Case{"(.)*", as(50'000), Match::limit},
             Case{"((?:a|(?1))b?)*", as(5000), Match::limit},
             Case{"(?:(?:a+)+)+", as(3000) + "b", Match::limit},
             Case{"(a+)+[bc]", as(3000), Match::limit},
             Case{"(a|aa)+", as(3000) + "b", Match::limit},
             Case{"(?:(a)|b)*c", as(1'000'000), Match::limit},
             Case{"((?:a(?1)?b)?)x", as(100'000), Match::no},
             Case{"\\C+", as(3000), Match::yes},
             Case{"(\\C)+", as(3000), Match::yes},
             Case{"(\\C)+", as(300'000), Match::limit},
             Case{"(?:\\C|b)*c", as(3000), Match::no},
         }) {
        CAPTURE(format, text.size());
        CHECK(match(format, text) == php);
    }
}

TEST_CASE("where JIT fails Shellbox takes PHP's warning for an error", "[checks]") {
    CHECK(match("\\C", "a") == Match::yes);
    CHECK(match("a\\C", "b") == Match::no);
    CHECK_FALSE(Regex::compile("\\C", slashes));
    CHECK(Regex::compile("[C]", slashes));
}

TEST_CASE("a long text on which a pattern would take hours is abandoned", "[checks]") {
    const auto regex = Regex::compile("(?:a(?=a*+))+", parentheses);
    REQUIRE(regex);
    CHECK(regex->matches(std::string(5'000'000, 'a'), 20ms) == Match::no_time);
    CHECK(regex->matches("aaa", 20ms) == Match::yes);
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
