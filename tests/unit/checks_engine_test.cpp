// SPDX-License-Identifier: GPL-2.0-or-later
// The engine as a whole: WBQC's order of results, what is stored, what a result depends on. What
// single constraint types say is in tests/cases/.
#include "base/error.hpp"
#include "checks/engine.hpp"
#include "checks/entity_check.hpp"
#include "config/wiki_settings.hpp"
#include "entity_builders.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using namespace runner::checks;
using namespace runner::test;
using runner::results::Status;
namespace json = boost::json;

namespace {

constexpr const char* single_value = "Q19474404";
constexpr const char* format = "Q21502404";
constexpr const char* one_of = "Q21510859";
constexpr const char* unknown_type = "Q999";

struct Fixture {
    MapSource source;
    runner::config::WikiSettings wiki;

    [[nodiscard]] runner::results::StoredResult stored(const std::string& text,
                                                       std::string_view subject = "Q1") {
        Engine engine(wiki, {.now = 1'767'225'600});
        return engine.check(gather(engine, text, subject));
    }
    [[nodiscard]] json::value line(const std::string& text, std::string_view subject = "Q1") {
        Engine engine(wiki, {.now = 1'767'225'600});
        const Gathered gathered = gather(engine, text, subject);
        std::string out;
        Engine::append_line(engine.run(gathered), out);
        return json::parse(out);
    }

private:
    Gathered gather(Engine& engine, const std::string& text, std::string_view subject) {
        const auto document = runner::entity::parse_entity(text);
        return engine.gather(document, id(subject), document->entity().revision, source);
    }
};

/// "status property type" of each result, "null" for null results.
std::vector<std::string> summary(const json::array& results) {
    std::vector<std::string> out;
    for (const auto& result : results) {
        const auto& cursor = result.at("|").as_object();
        const auto* snak_property = cursor.if_contains("P");
        std::string where = cursor.contains("p")
                                ? json::value_to<std::string>(
                                      snak_property != nullptr ? *snak_property : cursor.at("p"))
                                : "entity";
        if (result.as_object().contains("0"))
            out.push_back(where + " null");
        else
            out.push_back(json::value_to<std::string>(result.at("s")) + " " + where + " " +
                          json::value_to<std::string>(result.at("c").at("qid")));
    }
    return out;
}

std::vector<std::string> stored_summary(const runner::results::StoredResult& stored) {
    return summary(json::parse(stored.value).at("results").as_array());
}

using Lines = std::vector<std::string>;

} // namespace

TEST_CASE("an entity without statements has one null result, its own", "[checks]") {
    Fixture f;
    const auto stored = f.stored(entity_json("Q1", {}, 17));
    CHECK(stored.value ==
          R"({"results":[{"|":{"t":"\\entity","i":"Q1"},"0":1}],"latestRevisionIds":{"Q1":17}})");
    CHECK(stored.revision == 17);
    CHECK(stored.violations.empty());
    CHECK(f.source.asked.empty()); // nothing to ask for
}

TEST_CASE("results are sorted by status, property, hash, null results and type", "[checks]") {
    Fixture f;
    // P2 sorts after P10: as text
    f.source.put(property_json("P2", {{"P2$1", format, {string_snak("P1793", "[0-9]+")}},
                                      {"P2$2", one_of},
                                      {"P2$3", single_value}}));
    f.source.put(property_json("P10", {{"P10$1", unknown_type}, {"P10$2", single_value}}));
    const auto line = f.line(
        entity_json("Q1", {{"Q1$a", string_snak("P2", "x")}, {"Q1$b", string_snak("P10", "y")}}));
    CHECK(summary(line.at("results").as_array()) ==
          Lines{"bad-parameters P2 Q21510859", "warning P2 Q21502404", "compliance P10 Q19474404",
                "compliance P2 Q19474404", "entity null", "P10 null", "todo P10 Q999", "P2 null"});
}

TEST_CASE("snaks of one property are sorted by their hash", "[checks]") {
    Fixture f;
    f.source.put(property_json("P2", {{"P2$1", single_value}}));
    std::vector<StatementText> statements;
    for (int i = 0; i < 20; ++i)
        statements.push_back({"Q1$" + std::to_string(i), string_snak("P2", std::to_string(i))});
    const auto line = f.line(entity_json("Q1", statements));
    std::string last;
    int seen = 0;
    for (const auto& result : line.at("results").as_array()) {
        if (result.as_object().contains("0"))
            continue;
        const auto hash = json::value_to<std::string>(result.at("|").at("h"));
        CHECK(last < hash);
        last = hash;
        ++seen;
    }
    CHECK(seen == 20);
}

TEST_CASE("constraints of one type keep the order of the property's statements", "[checks]") {
    Fixture f;
    f.source.put(property_json(
        "P2", {{"P2$b", single_value}, {"P2$a", single_value}, {"P2$c", single_value}}));
    const auto line = f.line(entity_json("Q1", {{"Q1$a", string_snak("P2", "x")}}));
    std::string order;
    for (const auto& result : line.at("results").as_array())
        if (const auto* constraint = result.as_object().if_contains("c"))
            order += json::value_to<std::string>(constraint->at("id")).back();
    CHECK(order == "bac");
}

TEST_CASE("only statuses that WBQC caches are stored, with all null results", "[checks]") {
    Fixture f;
    f.source.put(
        property_json("P2", {{"P2$1", single_value},
                             {"P2$2", format},
                             {"P2$3", unknown_type},
                             {"P2$4", single_value, {entity_snak("P2303", "Q1")}},
                             {"P2$5", single_value, {entity_snak("P4680", "Q46466783")}}}));
    const auto stored =
        f.stored(entity_json("Q1", {{"Q1$a", string_snak("P2", "x")},
                                    {"Q1$b", string_snak("P2", "y"), {}, {}, "deprecated"}}));
    CHECK(stored_summary(stored) == Lines{"bad-parameters P2 Q21502404",
                                          "bad-parameters P2 Q21502404", "entity null", "P2 null",
                                          "P2 null"});
    CHECK(stored.counts[static_cast<std::size_t>(Status::bad_parameters)] == 2);
    CHECK(stored.counts[static_cast<std::size_t>(Status::compliance)] == 1);
    CHECK(stored.counts[static_cast<std::size_t>(Status::deprecated)] == 1);
    CHECK(stored.counts[static_cast<std::size_t>(Status::exception)] == 2);
    CHECK(stored.counts[static_cast<std::size_t>(Status::not_in_scope)] == 2);
    CHECK(stored.counts[static_cast<std::size_t>(Status::todo)] == 2);
}

TEST_CASE("a statement and a constraint make one pair, with the gravest status", "[checks]") {
    Fixture f;
    f.source.put(property_json("P2", {{"P2$1", "Q21528959"}})); // only as reference
    const std::string x = string_snak("P2", "x");
    const auto stored = f.stored(entity_json(
        "Q1", {{"Q1$a", x, {string_snak("P2", "y"), string_snak("P2", "z")}, {x}}, {"Q1$b", x}}));
    CHECK(stored.counts[static_cast<std::size_t>(Status::warning)] == 4);
    REQUIRE(stored.violations.size() == 2);
    CHECK(stored.violations[0] == runner::results::Violation{"Q1$a", "P2$1", property("P2"),
                                                             "Q21528959", Status::warning,
                                                             "reference"});
    CHECK(stored.violations[1].statement == "Q1$b");
}

TEST_CASE("the most severe of several statuses of a pair wins", "[checks]") {
    Fixture f;
    // the main value has bad parameters, the qualifier does not look at exceptions
    f.source.put(property_json("P2", {{"P2$1", "Q21528959", {string_snak("P2303", "bad")}}}));
    const auto stored =
        f.stored(entity_json("Q1", {{"Q1$a", string_snak("P2", "x"), {string_snak("P2", "y")}}}));
    REQUIRE(stored.violations.size() == 1);
    CHECK(stored.violations[0].status == Status::bad_parameters);
    CHECK(stored.violations[0].message_key == "parameter-entity");
}

TEST_CASE("dependencies are the entity and the properties with constraints, in WBQC's order",
          "[checks]") {
    Fixture f;
    f.source.put(property_json("P2", {{"P2$1", single_value}}, 22));
    f.source.put(property_json("P10", {{"P10$1", format}}, 1010));
    f.source.put(property_json("P3", {{"P3$1", unknown_type}}, 33));
    f.source.put(property_json("P4", {}, 44));
    const auto stored = f.stored(entity_json("Q1",
                                             {{"Q1$a", string_snak("P2", "x")},
                                              {"Q1$b", string_snak("P10", "y")},
                                              {"Q1$c", string_snak("P3", "y")},
                                              {"Q1$d", string_snak("P4", "y")}},
                                             7));
    const auto value = json::parse(stored.value);
    // P10's result is the gravest and comes first; unknown types and no constraints depend on
    // nothing
    CHECK(json::serialize(value.at("latestRevisionIds")) == R"({"Q1":7,"P10":1010,"P2":22})");
    REQUIRE(stored.dependencies.size() == 5);
    CHECK(stored.dependencies[1].id == id("P10"));
    CHECK(stored.dependencies[1].revision == 1010);
    CHECK(stored.dependencies[1].seen);
    // the runner also follows what WBQC does not name
    CHECK(stored.dependencies[3].id == id("P3"));
    CHECK(stored.dependencies[4].id == id("P4"));
    CHECK(stored.dependencies[2].named);
    CHECK_FALSE(stored.dependencies[3].named);
    CHECK(stored.dependencies[4].seen != stored.dependencies[3].seen);
}

TEST_CASE("a form depends on itself; the revision is that of its page", "[checks]") {
    Fixture f;
    const auto stored =
        f.stored(R"({"id":"L7","lastrevid":9,"language":"Q1","claims":[],"forms":[)" +
                     entity_json("L7-F1", {{"L7-F1$1", string_snak("P2", "x")}}) + "]}",
                 "L7-F1");
    CHECK(stored.entity == id("L7-F1"));
    CHECK(json::serialize(json::parse(stored.value).at("latestRevisionIds")) == R"({"L7-F1":9})");
}

TEST_CASE("the nearest future time is stored", "[checks]") {
    Fixture f;
    const auto time = [](const char* year) {
        return value_snak("P2", "time",
                          R"({"time":"+)" + std::string{year} +
                              R"(-01-01T00:00:00Z","timezone":0,"before":0,"after":0,)"
                              R"("precision":11,"calendarmodel":"c"})");
    };
    f.source.put(property_json(
        "P2", {{"P2$1",
                "Q21510860",
                {missing_snak("P2310", "novalue"), missing_snak("P2311", "somevalue")}}}));
    const auto stored = f.stored(entity_json(
        "Q1", {{"Q1$a", time("2050")}, {"Q1$b", time("2040")}, {"Q1$c", time("1950")}}));
    const auto value = json::parse(stored.value);
    CHECK(json::value_to<std::string>(value.at("futureTime").at("time")) ==
          "+2040-01-01T00:00:00Z");
    CHECK_FALSE(json::parse(f.stored(entity_json("Q1", {{"Q1$a", time("1950")}})).value)
                    .as_object()
                    .contains("futureTime"));
}

TEST_CASE("a malformed constraint statement is bad parameters, the others are checked",
          "[checks]") {
    Fixture f;
    f.source.put(entity_json("P2", {{"P2$1", missing_snak("P2302", "somevalue")},
                                    {"P2$2", entity_snak("P2302", single_value)}}));
    const auto line = f.line(entity_json("Q1", {{"Q1$a", string_snak("P2", "x")}}));
    CHECK(summary(line.at("results").as_array())[0] == "bad-parameters P2 Q21502402");
    CHECK(summary(line.at("results").as_array())[1] == "compliance P2 Q19474404");
}

TEST_CASE("parameters that are too long are bad parameters everywhere", "[checks]") {
    Fixture f;
    f.source.put(
        property_json("P2", {{"P2$1", format, {string_snak("P1793", std::string(60'000, 'a'))}}}));
    const auto line =
        f.line(entity_json("Q1", {{"Q1$a", string_snak("P2", "x"), {string_snak("P2", "y")}}}));
    int found = 0;
    for (const auto& result : line.at("results").as_array())
        if (const auto* message = result.as_object().if_contains("m")) {
            CHECK(json::value_to<std::string>(message->at("k")) == "parameters-error-toolong");
            ++found;
        }
    CHECK(found == 2);
}

TEST_CASE("the qualifiers of some properties are not checked", "[checks]") {
    Fixture f;
    f.wiki.properties_with_violating_qualifiers = {"P5"};
    f.source.put(property_json("P2", {{"P2$1", "Q21528959"}}));
    const std::string x = string_snak("P2", "x");
    const auto line = f.line(entity_json(
        "Q1", {{"Q1$a", string_snak("P5", "a"), {x}, {x}}, {"Q1$b", string_snak("P6", "a"), {x}}}));
    CHECK(summary(line.at("results").as_array()) == Lines{"warning P2 Q21528959",
                                                          "compliance P2 Q21528959", "entity null",
                                                          "P5 null", "P6 null"});
}

TEST_CASE("the time for regular expressions is bounded for each entity", "[checks]") {
    Fixture f;
    f.source.put(
        property_json("P2", {{"P2$1", format, {string_snak("P1793", "(a|aa|aaa)+[cd]")}}}));
    std::vector<StatementText> statements;
    for (int i = 0; i < 400; ++i)
        statements.push_back({"Q1$" + std::to_string(i),
                              string_snak("P2", std::string(3000, 'a') + std::to_string(i))});
    const auto stored = f.stored(entity_json("Q1", statements));
    const auto todo = stored.counts[static_cast<std::size_t>(Status::todo)];
    const auto warnings = stored.counts[static_cast<std::size_t>(Status::warning)];
    // those that end at a limit before the time does
    const auto bad = stored.counts[static_cast<std::size_t>(Status::bad_parameters)];
    CHECK(todo + warnings + bad == 400);
    if (todo != 0) { // a machine so fast that all are done is not an error
        REQUIRE(stored.incomplete.size() == 1);
        CHECK_THAT(stored.incomplete[0], Catch::Contains("regular expressions"));
    } else {
        CHECK(stored.incomplete.empty());
    }
}

TEST_CASE("a document that does not hold the entity is an error", "[checks]") {
    Fixture f;
    CHECK_THROWS_AS((void)f.stored(entity_json("Q1", {}), "Q2"), runner::base::DataError);
}

TEST_CASE("what does not exist has its own line", "[checks]") {
    std::string out;
    Engine::missing_to_line(id("Q5"), out);
    CHECK(
        out ==
        R"({"entity":"Q5","results":[{"|":{"t":"\\entity","i":"Q5"},"0":1}],"dependencies":["Q5"]})");
}

TEST_CASE("checks are timed by type, and slow ones are reported one by one", "[checks]") {
    MapSource source;
    source.put(property_json(
        "P2", {{"P2$1", single_value}, {"P2$2", format, {string_snak("P1793", "x")}}}));
    const auto document = runner::entity::parse_entity(
        entity_json("Q1", {{"Q1$a", string_snak("P2", "x")}, {"Q1$b", string_snak("P2", "y")}}));
    const auto times = std::make_shared<CheckTimes>();
    // a second passes between two looks at this clock
    EngineOptions options{.now = 1'767'225'600, .times = times, .clock = [] {
                              static std::chrono::seconds now{0};
                              return std::chrono::nanoseconds(++now);
                          }};
    Engine engine(runner::config::WikiSettings{}, options);
    const Gathered gathered = engine.gather(document, id("Q1"), 1, source);
    const EntityCheck check = engine.run(gathered);
    REQUIRE(check.slow.size() == 4);
    CHECK(check.slow[0].constraint->constraint.id == "P2$1");
    CHECK(check.slow[1].constraint->constraint.id == "P2$2");
    CHECK(check.slow[3].took == std::chrono::seconds(1));
    const auto types = times->types();
    REQUIRE(types.size() == 2);
    CHECK(types[0].name == "format");
    CHECK(types[0].time.checks == 2);
    CHECK(types[0].time.took == std::chrono::seconds(2));
    CHECK(types[1].name == "single-value");
    (void)engine.run(gathered);
    CHECK(times->types()[1].time.checks == 4);

    Engine quick(runner::config::WikiSettings{}, {.now = 1'767'225'600});
    CHECK(quick.run(quick.gather(document, id("Q1"), 1, source)).slow.empty());
}
