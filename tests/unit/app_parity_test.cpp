// SPDX-License-Identifier: GPL-2.0-or-later
// What counts as a difference between the results of two engines.
#include "app/proof/parity.hpp"
#include "base/error.hpp"

#include <catch2/catch.hpp>

using namespace runner::app;

namespace {

std::string result(const std::string& constraint, const std::string& status,
                   const std::string& statement = "Q1$1", const std::string& more = "") {
    return R"({"|":{"t":"statement","i":"Q1","p":"P1","g":")" + statement + R"(","h":"abc"},)" +
           R"("c":{"id":")" + constraint + R"(","pid":"P1","qid":"Q2"},"s":")" + status + "\"" +
           more + "}";
}

std::string list(std::initializer_list<std::string> results) {
    std::string out = "[";
    for (const std::string& each : results)
        out += (out.size() > 1 ? "," : "") + each;
    return out + "]";
}

} // namespace

TEST_CASE("the order of results, of members, and the spelling of nothing mean nothing") {
    const std::string one = R"({"|":{"t":"\\entity","i":"Q1"},"0":1})";
    const std::string other = R"({"0":1,"|":{"i":"Q1","t":"\\entity"}})";
    CHECK(compare_results(list({result("P1$a", "warning", "Q1$1", R"(,"CM":[])"), one}),
                          list({other, result("P1$a", "warning", "Q1$1", R"(,"CM":{})")}))
              .empty());
    CHECK(compare_results("[]", "[]").empty());
}

TEST_CASE("a difference names its constraint and what each side has") {
    const auto found =
        compare_results(list({result("P1$a", "warning"), result("P1$b", "compliance"),
                              result("P1$c", "violation")}),
                        list({result("P1$a", "violation"), result("P1$b", "compliance")}));
    REQUIRE(found.size() == 2);
    CHECK(found[0].constraint == "P1$a");
    CHECK(found[0].property == "P1");
    CHECK(found[0].type == "Q2");
    CHECK(found[0].native.find("warning") != std::string::npos);
    CHECK(found[0].php.find("violation") != std::string::npos);
    CHECK(found[1].constraint == "P1$c");
    CHECK(found[1].php == "[]");
}

TEST_CASE("results are compared as multisets") {
    const std::string one = result("P1$a", "warning");
    CHECK(compare_results(list({one, one}), list({one, one})).empty());
    const auto found = compare_results(list({one, one}), list({one}));
    REQUIRE(found.size() == 1);
    CHECK(found[0].native == list({one}).substr(0, 1) + found[0].native.substr(1));
    CHECK(found[0].php == "[]");
    CHECK(compare_results("[]", list({R"({"0":1})"})).at(0).constraint.empty());
}

TEST_CASE("what one side left to do is not compared") {
    const std::string todo = result("P1$a", "todo");
    CHECK(compare_results(list({todo}), list({result("P1$a", "violation")})).empty());
    CHECK(compare_results(list({result("P1$a", "violation")}), list({todo})).empty());
    CHECK(compare_results(list({todo}), "[]").empty());
    // but only there
    CHECK(compare_results(list({result("P1$a", "violation", "Q1$2")}), list({todo})).size() == 1);
}

TEST_CASE("what is no list of results is refused") {
    CHECK_THROWS_AS(compare_results("", "[]"), runner::base::DataError);
    CHECK_THROWS_AS(compare_results("[]", "{}"), runner::base::DataError);
    CHECK_THROWS_AS(compare_results("[1]", "[]"), runner::base::DataError);
}
