// SPDX-License-Identifier: GPL-2.0-or-later
// Constraints as the P2302 statements of a property give them, and their parameters. What each
// parameter may be is tried by the case files; here is what they can't say.
#include "base/error.hpp"
#include "constraints/constraint.hpp"
#include "constraints/parameters.hpp"
#include "entity_builders.hpp"

#include <catch2/catch.hpp>

using namespace runner::constraints;
using namespace runner::test;
using runner::config::ConstraintId;
using runner::config::ConstraintIds;
using runner::config::WikiSettings;

namespace {

struct Read {
    runner::entity::EntityPtr document;
    Vocabulary vocabulary{ConstraintIds{}};
    WikiSettings wiki;
    std::vector<Constraint> constraints;

    explicit Read(const std::string& json)
        : document(runner::entity::parse_entity(json)),
          constraints(constraints_of(document->entity(), vocabulary)) {}
    [[nodiscard]] ParameterReader reader(std::size_t n = 0) const {
        return {constraints[n], vocabulary, wiki};
    }
};

std::string error_of(const ViolationMessage& message) {
    std::string out;
    message.append_json(out);
    return out;
}

/// A constraint whose one parameter is a string of so many bytes of JSON.
Read with_text(const std::string& text) {
    return Read(property_json("P1", {{"P1$1", "Q21502404", {string_snak("P1793", text)}}}));
}

/// What json_encode( $parameters, JSON_FORCE_OBJECT ) gives around the text.
constexpr std::size_t frame =
    std::string_view{R"({"P1793":{"0":{"snaktype":"value","property":"P1793",)"
                     R"("hash":"0123456789012345678901234567890123456789",)"
                     R"("datavalue":{"value":"","type":"string"}}}})"}
        .size();

} // namespace

TEST_CASE("constraints are in the order of the statements, deprecated ones left out",
          "[constraints]") {
    const Read read(property_json("P7", {{"P7$a", "Q21502404"},
                                         {"P7$b", "Q19474404", {}, "deprecated"},
                                         {"P7$c", "Q19474404", {}, "preferred"},
                                         {"P7$d", "Q21502404"}}));
    REQUIRE(read.constraints.size() == 3);
    CHECK(read.constraints[0].id == "P7$a");
    CHECK(read.constraints[1].id == "P7$c");
    CHECK(read.constraints[1].type == "Q19474404");
    CHECK(read.constraints[2].id == "P7$d");
    CHECK(read.constraints[0].property == property("P7"));
    CHECK(read.constraints[0].data_type == "string");
    CHECK_FALSE(read.constraints[0].malformed);
}

TEST_CASE("other statements of a property are no constraints", "[constraints]") {
    const Read read(entity_json("P7", {{"P7$a", entity_snak("P31", "Q21502404")}}));
    CHECK(read.constraints.empty());
}

TEST_CASE("a constraint statement without an item is malformed", "[constraints]") {
    const std::string snak =
        GENERATE(missing_snak("P2302", "somevalue"), missing_snak("P2302", "novalue"),
                 string_snak("P2302", "x"), entity_snak("P2302", "E5"));
    const Read read(entity_json("P7", {{"P7$a", snak}}));
    REQUIRE(read.constraints.size() == 1);
    CHECK(read.constraints[0].malformed);
}

TEST_CASE("parameters are grouped by property", "[constraints]") {
    const Read read(property_json(
        "P7", {{"P7$a",
                "Q1",
                {string_snak("P1", "a"), string_snak("P2", "b"), string_snak("P1", "c")}}}));
    const Constraint& constraint = read.constraints[0];
    REQUIRE(constraint.parameter(property("P1")) != nullptr);
    CHECK(constraint.parameter(property("P1"))->size() == 2);
    CHECK(constraint.parameter(property("P2"))->size() == 1);
    CHECK(constraint.parameter(property("P3")) == nullptr);
}

TEST_CASE("parameters of 50,000 bytes of JSON are kept, one byte more is too long",
          "[constraints]") {
    const std::string fits(50'000 - frame, 'a');
    CHECK_FALSE(with_text(fits).constraints[0].too_long);
    CHECK(with_text(fits + "a").constraints[0].too_long);
}

TEST_CASE("the length of parameters is that of PHP's JSON", "[constraints]") {
    const auto [unit, bytes] = GENERATE(table<const char*, std::size_t>({
        {"/", 2},
        {"é", 6},
        {"日", 6},
        {"😀", 12},
        {"\\\"", 2},
        {"\\\\", 2},
        {"\\u0001", 6},
        {"\\n", 2},
    }));
    CAPTURE(unit);
    std::string text;
    for (std::size_t i = 0; i < (50'000 - frame) / bytes; ++i)
        text += unit;
    const std::string rest((50'000 - frame) % bytes, 'a');
    CHECK_FALSE(with_text(text + rest).constraints[0].too_long);
    CHECK(with_text(text + rest + "a").constraints[0].too_long);
}

TEST_CASE("many snaks make parameters too long as well", "[constraints]") {
    const auto with = [](std::size_t count) {
        std::vector<std::string> snaks;
        for (std::size_t i = 0; i < count; ++i)
            snaks.push_back(entity_snak("P2305", "Q" + std::to_string(1000 + i)));
        return Read(property_json("P1", {{"P1$1", "Q21510859", snaks}}));
    };
    // "0":{"snaktype":"value","property":"P2305","hash":"…40…","datavalue":{"value":{"entity-type":
    // "item","numeric-id":1000,"id":"Q1000"},"type":"wikibase-entityid"}}, and the frame
    // {"P2305":{…}}
    constexpr std::size_t each = 192;
    std::size_t count = 0;
    std::size_t length = 12;
    while (true) {
        const std::size_t next = each + 3 + std::to_string(count).size() + (count == 0 ? 0 : 1);
        if (length + next > 50'000)
            break;
        length += next;
        ++count;
    }
    CHECK_FALSE(with(count).constraints[0].too_long);
    CHECK(with(count + 1).constraints[0].too_long);
}

TEST_CASE("of parameters that are too long nothing else is known", "[constraints]") {
    const auto read = with_text(std::string(60'000, 'a'));
    CHECK(read.constraints[0].parameters.empty());
    const auto reader = read.reader();
    const std::string expected = R"({"k":"parameters-error-toolong","a":[]})";
    CHECK(error_of(reader.exceptions().error()) == expected);
    CHECK(error_of(reader.format().error()) == expected);
    CHECK(error_of(reader.status().error()) == expected);
    CHECK(error_of(reader.items(false).error()) == expected);
    CHECK(error_of(reader.property().error()) == expected);
    CHECK(error_of(reader.quantity_range().error()) == expected);
    CHECK(error_of(reader.languages().error()) == expected);
    // WBQC looks for the error only where it reads the parameter's own list
    CHECK(reader.separators()->empty());
    CHECK(reader.clarification()->empty());
    CHECK(reader.syntax_clarification()->empty());
}

TEST_CASE("a wiki's own ids are used", "[constraints]") {
    ConstraintIds ids;
    ids.set(ConstraintId::PropertyConstraint, "P51");
    ids.set(ConstraintId::Separator, "P52");
    const Vocabulary vocabulary(ids);
    const auto document = runner::entity::parse_entity(
        entity_json("P7", {{"P7$a", entity_snak("P51", "Q9"), {entity_snak("P52", "P3")}},
                           {"P7$b", entity_snak("P2302", "Q9")}}));
    const auto constraints = constraints_of(document->entity(), vocabulary);
    REQUIRE(constraints.size() == 1);
    const WikiSettings wiki;
    CHECK(ParameterReader(constraints[0], vocabulary, wiki).separators()->front() ==
          property("P3"));
}

TEST_CASE("scope and entity types may be two properties", "[constraints]") {
    ConstraintIds ids;
    ids.set(ConstraintId::ConstraintEntityTypes, "P4681");
    const Vocabulary vocabulary(ids);
    const WikiSettings wiki;
    const std::array contexts{ContextType::statement, ContextType::qualifier};
    const std::array types{runner::entity::EntityType::item, runner::entity::EntityType::lexeme};
    const auto scope_of = [&](const std::vector<std::string>& snaks) {
        const auto document =
            runner::entity::parse_entity(property_json("P7", {{"P7$a", "Q9", snaks}}));
        const auto constraints = constraints_of(document->entity(), vocabulary);
        const auto scope = ParameterReader(constraints[0], vocabulary, wiki).scope(contexts, types);
        if (!scope)
            return error_of(scope.error());
        return std::to_string(scope->contexts ? scope->contexts->size() : 9) +
               std::to_string(scope->entity_types ? scope->entity_types->size() : 9);
    };
    CHECK(scope_of({}) == "99");
    CHECK(scope_of({entity_snak("P4680", "Q46466787"), entity_snak("P4681", "Q29934200")}) == "11");
    CHECK(
        scope_of({entity_snak("P4680", "Q29934200")}) ==
        R"({"k":"parameter-oneof","a":[{"t":"e","v":"P4680","r":"constraint-parameter-property"},)"
        R"({"t":"E","v":["Q46466787","Q46466783","Q46466805"],"r":"constraint-parameter-value"}]})");
    CHECK(
        scope_of({entity_snak("P4681", "Q46466787")}) ==
        R"({"k":"parameter-oneof","a":[{"t":"e","v":"P4681","r":"constraint-parameter-property"},)"
        R"({"t":"E","v":["Q29934200","Q29934218","Q51885771","Q54285143","Q54285715","Q59712033"],)"
        R"("r":"constraint-parameter-value"}]})");
}

TEST_CASE("a setting that is not an id is named", "[constraints]") {
    ConstraintIds ids;
    ids.set(ConstraintId::MandatoryConstraint, "P5");
    CHECK_THROWS_WITH(Vocabulary{ids},
                      "WBQualityConstraintsMandatoryConstraintId: \"P5\" is not an item ID");
    ids = {};
    ids.set(ConstraintId::Separator, "nonsense");
    CHECK_THROWS_AS(Vocabulary{ids}, runner::base::ConfigError);
}
