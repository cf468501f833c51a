// SPDX-License-Identifier: GPL-2.0-or-later
// JSON that is not an entity: the error names the field. Nothing of it may crash or hang.
#include "base/error.hpp"
#include "entity/entity.hpp"
#include "entity_builders.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace runner::entity;
using namespace runner::test;
using Catch::Contains;
using runner::base::DataError;

TEST_CASE("an error names the path of the field", "[entity]") {
    const auto [json, message] = GENERATE(table<std::string, const char*>({
        {R"([])", "entity: must be an object"},
        {R"("Q1")", "entity: must be an object"},
        {R"({})", "id: is missing"},
        {R"({"id":5})", "id: must be a string"},
        {R"({"id":"Q0"})", "id: \"Q0\" is not an entity ID"},
        {R"({"id":"Q1","type":"property"})", "type: \"property\" is not the type of Q1"},
        {R"({"id":"Q1","lastrevid":"x"})", "lastrevid: must be a revision ID"},
        {R"({"id":"Q1","claims":5})", "claims: must be an object"},
        {R"({"id":"Q1","claims":{"P1":5}})", "claims.P1: must be an array"},
        {R"({"id":"Q1","claims":{"P1":[5]}})", "claims.P1[0]: must be an object"},
        {R"({"id":"Q1","claims":{"P1":[{"id":"Q1$1"}]}})", "claims.P1[0].mainsnak: is missing"},
        {R"({"id":"Q1","claims":{"P1":[{"mainsnak":{"snaktype":"novalue","property":"P1"}}]}})",
         "claims.P1[0].id: is missing"},
        {R"({"id":"Q1","claims":{"P1":[{"id":"x","rank":"best",
             "mainsnak":{"snaktype":"novalue","property":"P1"}}]}})",
         "claims.P1[0].rank: \"best\" is not a rank"},
        {R"({"id":"Q1","claims":{"P1":[{"id":"x","mainsnak":{"snaktype":"novalue"}}]}})",
         "claims.P1[0].mainsnak.property: is missing"},
        {R"({"id":"Q1","claims":{"P1":[{"id":"x","mainsnak":{"snaktype":"novalue","property":"Q1"}}]}})",
         "claims.P1[0].mainsnak.property: \"Q1\" is not a property ID"},
        {R"({"id":"Q1","claims":{"P1":[{"id":"x","mainsnak":{"snaktype":"novalue","property":31}}]}})",
         "claims.P1[0].mainsnak.property: must be a string"},
        {R"({"id":"Q1","claims":{"P1":[{"id":"x","mainsnak":{"snaktype":"maybe","property":"P1"}}]}})",
         "claims.P1[0].mainsnak.snaktype: \"maybe\" is not a snak type"},
        {R"({"id":"Q1","claims":{"P1":[{"id":"x","mainsnak":{"snaktype":"value","property":"P1"}}]}})",
         "claims.P1[0].mainsnak.datavalue: is missing"},
        {R"({"id":"Q1","claims":{"P1":[{"id":"x","mainsnak":{"snaktype":"value","property":"P1",
             "datavalue":{"value":1}}}]}})",
         "claims.P1[0].mainsnak.datavalue: has no \"type\""},
        {R"({"id":"Q1","claims":{"P1":[{"id":"x","mainsnak":{"snaktype":"novalue","property":"P1"},
             "qualifiers":{"P2":[{"snaktype":"novalue","property":"P2"},{"snaktype":1}]}}]}})",
         "claims.P1[0].qualifiers.P2[1].snaktype: must be a string"},
        {R"({"id":"Q1","claims":{"P1":[{"id":"x","mainsnak":{"snaktype":"novalue","property":"P1"},
             "references":[{"hash":"x"}]}]}})",
         "claims.P1[0].references[0].snaks: is missing"},
        {R"({"id":"L1","forms":[{"id":"L1-F1"},{"claims":[]}]})", "forms[1].id: is missing"},
    }));
    CAPTURE(json);
    CHECK_THROWS_AS(parse_entity(json), DataError);
    CHECK_THROWS_WITH(parse_entity(json), Contains(message));
}

TEST_CASE("text that is no JSON is an error", "[entity]") {
    const std::string json =
        GENERATE(as<std::string>{}, "", " ", "{", "{\"id\":\"Q1\"", "nonsense", "{\"id\":\"Q1\"}}",
                 "{'id':'Q1'}", "{\"id\":\"Q1\",}", "{\"id\":\"Q1\" \"x\":1}", "\xEF\xBB\xBF");
    CAPTURE(json);
    CHECK_THROWS_AS(parse_entity(json), DataError);
}

TEST_CASE("invalid UTF-8 and lone surrogates are errors", "[entity]") {
    const std::string bad = GENERATE(as<std::string>{}, "\xff", "\xc3\x28", "\xed\xa0\x80",
                                     "\xf5\x80\x80\x80", "\xc0\xaf", "\\ud800", "\\ud800\\u0041");
    CAPTURE(bad);
    CHECK_THROWS_AS(parse_entity(entity_json("Q1", {{"Q1$1", string_snak("P1", "x" + bad)}})),
                    DataError);
}

TEST_CASE("nesting is followed to a hundred levels", "[entity]") {
    const auto nested = [](int depth) {
        return R"({"id":"Q1","claims":[],"x":)" +
               std::string(static_cast<std::size_t>(depth), '[') +
               std::string(static_cast<std::size_t>(depth), ']') + "}";
    };
    CHECK_NOTHROW(parse_entity(nested(90)));
    CHECK_THROWS_AS(parse_entity(nested(101)), DataError);
    CHECK_THROWS_AS(parse_entity(nested(1'000'000)), DataError);
    CHECK_NOTHROW(parse_entity(nested(1))); // the parser is as good as new
}

TEST_CASE("an entity of ten megabytes is read", "[entity]") {
    std::vector<StatementText> statements;
    const std::string text(1000, 'x');
    for (int i = 0; i < 10'000; ++i)
        statements.push_back({"Q1$" + std::to_string(i), string_snak("P1", text)});
    const std::string json = entity_json("Q1", statements);
    REQUIRE(json.size() > 10'000'000);
    CHECK(parse_entity(json)->entity().statements.size() == 10'000);
}

TEST_CASE("an entity with any byte changed is read or refused", "[entity]") {
    const std::string good =
        entity_json("Q1",
                    {{"Q1$1",
                      entity_snak("P1", "Q5"),
                      {string_snak("P2", "a")},
                      {missing_snak("P3", "novalue")}},
                     {"Q1$2", value_snak("P4", "quantity", R"({"amount":"+5","unit":"1"})")}},
                    7);
    std::mt19937 random(7);
    int refused = 0;
    for (int i = 0; i < 3000; ++i) {
        std::string changed = good;
        for (unsigned n = 0; n <= random() % 3; ++n)
            changed[random() % changed.size()] = static_cast<char>(random());
        try {
            (void)parse_entity(changed);
        } catch (const DataError& e) {
            ++refused;
            REQUIRE(std::string_view{e.what()}.size() > 4);
        }
    }
    CHECK(refused > 1000);
}
