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

namespace {

/// An item with one statement of P1, whose value is `json` of the type.
std::string with_value(const std::string& type, const std::string& json) {
    return R"({"type":"item","id":"Q2","claims":{"P1":[{"id":"Q2$1","mainsnak":{"snaktype":"value",
        "property":"P1","datavalue":{"type":")" +
           type + R"(","value":)" + json + "}}}]}}";
}

std::string time_with(const std::string& time, const std::string& calendar = "Q1985727") {
    return R"({"time":")" + time + R"(","timezone":0,"before":0,"after":0,"precision":11,
        "calendarmodel":"http://www.wikidata.org/entity/)" +
           calendar + "\"}";
}

} // namespace

TEST_CASE("a value that is damaged by one byte is reported", "[entity]") {
    const auto [type, json, message] = GENERATE(table<std::string, std::string, const char*>({
        {"strjng", R"("x")", "the type \"strjng\" looks like a damaged \"string\""},
        {"wikibase-entitxid", R"({"id":"Q1"})", "looks like a damaged \"wikibase-entityid\""},
        {"tiee", time_with("+2001-01-01T00:00:00Z"), "looks like a damaged \"time\""},
        {"wikibase-entityid", R"({"entity-type":"item","numeric-id":5,"ie":"Q5"})",
         "\"ie\" looks like a damaged \"id\""},
        {"wikibase-entityid", R"({"entity-type":"item","numeric-id":5,"id":"A5"})",
         "the id \"A5\" does not agree"},
        {"wikibase-entityid", R"({"entity-type":"item","id":"Q2150:404"})",
         "the id \"Q2150:404\" does not agree"},
        {"wikibase-entityid", R"({"entity-type":"item","numeric-id":53869507,"id":"Q53869505"})",
         "the id \"Q53869505\" does not agree"},
        {"wikibase-entityid", R"({"entity-type":"item","id":"P5"})", "does not agree"},
        {"wikibase-entityid", R"({"entity-type":"itfm","id":"Q5"})",
         "looks like a damaged \"item\""},
        {"time", R"({"thme":"+2001-01-01T00:00:00Z","timezone":0,"before":0,"after":0,
            "precision":11,"calendarmodel":"c"})",
         "\"thme\" looks like a damaged \"time\""},
        {"time", time_with("+1899-0%-12T00:00:00Z"), "looks damaged"},
        {"time", time_with("k1899-01-12T00:00:00Z"), "looks damaged"},
        {"time", time_with("+1899-01-12T00:00:00R"), "looks damaged"},
        {"time", time_with("+2001-13-01T00:00:00Z"), "Month out of allowed bounds"},
        {"time", time_with("+2001-12-32T00:00:00Z"), "Day out of allowed bounds"},
        {"time", time_with("+2001-12-31T24:00:00Z"), "Hour out of allowed bounds"},
        {"time", time_with("+2001-12-31T00:60:00Z"), "Minute out of allowed bounds"},
        {"time", time_with("+2001-12-31T00:00:62Z"), "Second out of allowed bounds"},
        {"time", time_with("+2001-00-01T00:00:00Z"), "Cannot have a day with no month"},
        {"time", time_with("+1912-00-00T20:00:00Z"),
         "Cannot have hour, minute or second with no day"},
        {"time", time_with("+2001-01-01T00:00:00Z", "Q9985727"), "looks damaged"},
        {"quantity", R"({"`mount":"+5","unit":"1"})", "\"`mount\" looks like a damaged \"amount\""},
        {"quantity", R"({"amount":"+5","unit":"1","upperBounc":"+6"})", "a damaged \"upperBound\""},
        {"monolingualtext", R"({"text":"x","languace":"en"})", "a damaged \"language\""},
        {"globecoordinate", R"({"latitude":1,"longitude":2,"glore":"u"})", "a damaged \"globe\""},
    }));
    CAPTURE(json);
    CHECK_THROWS_AS(parse_entity(with_value(type, json)), DataError);
    CHECK_THROWS_WITH(parse_entity(with_value(type, json)),
                      Contains(message) && Contains("claims.P1[0].mainsnak.datavalue: "));
}

TEST_CASE("a snak under another property and a damaged statement ID are reported", "[entity]") {
    const auto statement = [](const std::string& id, const std::string& more = "") {
        return R"({"type":"item","id":"Q2","claims":{"P1":[{"id":")" + id +
               R"(","mainsnak":{"snaktype":"novalue","property":"P1"})" + more + "}]}}";
    };
    const std::string uuid = "efebe507-4e9f-4254-dc47-0123456789ab";
    const auto [json, message] = GENERATE_COPY(table<std::string, std::string>({
        {R"({"id":"Q2","claims":{"P31":[{"id":"x","mainsnak":{"snaktype":"novalue","property":"P15"}}]}})",
         "claims.P31[0].mainsnak.property: P15 is listed under \"P31\""},
        {statement("x", R"(,"qualifiers":{"P2310":[{"snaktype":"novalue","property":"P2110"}]})"),
         "claims.P1[0].qualifiers.P2310[0].property: P2110 is listed under \"P2310\""},
        {statement("x",
                   R"(,"references":[{"snaks":{"P2":[{"snaktype":"novalue","property":"P3"}]}}])"),
         "P3 is listed under \"P2\""},
        {statement("A2$" + uuid), "looks like a damaged statement ID"},
        {statement("M0$" + uuid), "looks like a damaged statement ID"},
        {statement("Q2$" + uuid.substr(0, 35) + "?"), "looks like a damaged statement ID"},
        {statement("Q2$" + uuid.substr(0, 8) + "+" + uuid.substr(9)),
         "looks like a damaged statement ID"},
    }));
    CAPTURE(json);
    CHECK_THROWS_WITH(parse_entity(json), Contains(message));
    // Wikidata has statements that were moved from other entities, and made-up IDs
    for (const std::string& good :
         {"Q2$" + uuid, "q2$" + uuid, "Q4115189$" + uuid, "L1-F1$" + uuid, std::string("GUID1"),
          std::string("Q2$efebe507-4e9f-4254-dc47-fake")})
        CHECK_NOTHROW(parse_entity(statement(good)));
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
