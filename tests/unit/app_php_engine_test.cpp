// SPDX-License-Identifier: GPL-2.0-or-later
// WBQC as an engine: its answers, and how they go together with native results.
#include "app/proof/php_engine.hpp"
#include "fake_worker.hpp"

#include <catch2/catch.hpp>

#include <fstream>

using namespace runner::app;
using Catch::Contains;
using runner::entity::EntityId;
using runner::results::Status;
using runner::source::State;

namespace {

const EntityId q1 = EntityId::parse("Q1").value();

std::string result(const std::string& property, const std::string& status,
                   const std::string& type = "Q9") {
    return R"({"|":{"t":"statement","p":")" + property + R"(","g":"Q1$1","h":"aa"},"c":{"id":")" +
           property + R"($x","pid":")" + property + R"(","qid":")" + type + R"("},"s":")" + status +
           "\"}";
}

std::string answer(const std::string& results, const std::string& more_value = "") {
    return R"({"id":"Q1","state":"found","revision":7,"duration_us":5,)"
           R"("counts":{"violation":1,"compliance":2},"violations":[{"statement":"Q1$1",)"
           R"("constraint_id":"P5$x","property":5,"type":"Q9","status":"violation",)"
           R"("message_key":"some-key"}],"value":{"results":)" +
           results + R"(,"latestRevisionIds":{"Q1":7,"P5":3,"Q8":0})" + more_value +
           R"(},"results":)" + results + "}";
}

runner::results::StoredResult native() {
    runner::results::StoredResult result;
    result.entity = q1;
    result.revision = 7;
    result.value =
        R"({"results":[)" + ::result("P3", "warning") + "," + ::result("P7", "warning") +
        R"(,{"|":{"t":"\\entity","i":"Q1"},"0":1}],"latestRevisionIds":{"Q1":7,"P7":2}})";
    result.dependencies = {{q1, 7}, {EntityId::parse("P7").value(), 2}};
    result.counts[static_cast<std::size_t>(Status::warning)] = 2;
    result.counts[static_cast<std::size_t>(Status::todo)] = 4;
    return result;
}

} // namespace

TEST_CASE("the answer of WBQC is a stored result") {
    const PhpCheck check = parse_php_check(answer("[" + result("P5", "violation") + "]"), q1);
    CHECK(check.state == State::found);
    CHECK(check.revision == 7);
    CHECK(check.result.engine == "php");
    CHECK(check.result.counts[static_cast<std::size_t>(Status::compliance)] == 2);
    REQUIRE(check.result.violations.size() == 1);
    CHECK(check.result.violations[0].message_key == "some-key");
    CHECK(check.result.violations[0].property.number == 5);
    REQUIRE(check.result.dependencies.size() == 3);
    CHECK(check.result.dependencies[2].revision == 0);
    CHECK_THAT(check.all_results, Contains("P5$x"));
    CHECK(parse_php_check(R"({"id":"Q1","state":"missing"})", q1).state == State::missing);
    CHECK(parse_php_check(R"({"id":"Q1","state":"redirect","target":"Q2"})", q1).state ==
          State::redirect);
}

TEST_CASE("an invalid response is refused") {
    CHECK_THROWS_WITH(parse_php_check(R"({"error":{"code":"failed","message":"words"}})", q1),
                      Contains("words"));
    for (const char* wrong :
         {"", "[]", "{}", R"({"id":"Q2","state":"missing"})", R"({"id":"Q1","state":"gone"})",
          R"({"id":"Q1","state":"found"})", R"({"error":1})"})
        CHECK_THROWS_AS(parse_php_check(wrong, q1), runner::base::DataError);
    std::string text = answer("[]");
    text.replace(text.find("violation\",\"message"), 9, "nonsense!");
    CHECK_THROWS_AS(parse_php_check(text, q1), runner::base::DataError);
}

TEST_CASE("what WBQC says of some constraints goes in among the native results, in WBQC's order") {
    auto result = native();
    add_results(result, parse_php_check(answer("[" + ::result("P5", "warning") + "," +
                                               ::result("P5", "violation") +
                                               R"(,{"|":{"t":"\\entity","i":"Q1"},"0":1}])"),
                                        q1));
    const std::string& value = result.value;
    const auto at = [&](const std::string& text) { return value.find(text); };
    CHECK(at(R"("s":"violation")") < at("P3$x"));
    CHECK(at("P3$x") < value.rfind("P5$x"));
    CHECK(value.rfind("P5$x") < at("P7$x"));
    CHECK(at("\\\\entity") == value.rfind("\\\\entity")); // once
    CHECK_THAT(value, Contains(R"("latestRevisionIds":{"Q1":7,"P7":2,"P5":3,"Q8":0})"));
    CHECK(result.dependencies.size() == 4);
    CHECK(result.counts[static_cast<std::size_t>(Status::violation)] == 1);
    CHECK(result.counts[static_cast<std::size_t>(Status::todo)] == 1);
    CHECK(result.violations.size() == 1);
    CHECK(result.engine == "native+php");
}

TEST_CASE("the nearer of two times in the future counts") {
    const auto with = [](const std::string& time) {
        return R"(,"futureTime":{"time":")" + time + R"("})";
    };
    auto result = native();
    add_results(result, parse_php_check(answer("[]", with("+2030-01-01T00:00:00Z")), q1));
    CHECK_THAT(result.value, Contains("2030"));
    add_results(result, parse_php_check(answer("[]", with("+2040-01-01T00:00:00Z")), q1));
    CHECK_THAT(result.value, Contains("2030") && !Contains("2040"));
    add_results(result, parse_php_check(answer("[]", with("+12030-01-01T00:00:00Z")), q1));
    CHECK_THAT(result.value, !Contains("12030")); // text would have sorted it before
    CHECK(result.changes_at == 1'893'456'000);
    add_results(result, parse_php_check(answer("[]", with("+2029-01-01T00:00:00Z")), q1));
    CHECK_THAT(result.value, Contains("2029"));
    CHECK(result.changes_at == 1'861'920'000);
}

TEST_CASE("the workers say which constraint types WBQC knows") {
    const runner::test::TempDir folder;
    folder.write("types", "Q5 Q6");
    PhpEngine engine(std::make_shared<runner::php::Pool>(runner::test::fake_workers(folder)));
    CHECK(engine.knows("Q5"));
    CHECK_FALSE(engine.knows("Q7"));
}
