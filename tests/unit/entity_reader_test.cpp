// SPDX-License-Identifier: GPL-2.0-or-later
// Entities from JSON, as Wikibase's deserializers take them: order, duplicates, both spellings of
// empty maps, values that can't be read.
#include "entity/entity.hpp"
#include "entity_builders.hpp"

#include <catch2/catch.hpp>

using namespace runner::entity;
using namespace runner::test;

namespace {

const Statement& first(const EntityPtr& document) { return document->entity().statements[0]; }

std::vector<std::string> properties_of(std::span<const Snak> snaks) {
    std::vector<std::string> out;
    for (const Snak& snak : snaks)
        out.push_back(snak.property.to_string());
    return out;
}

DataValue value_of(std::string_view type, std::string_view json, EntityPtr& keep) {
    keep = parse_entity(entity_json("Q1", {{"Q1$1", value_snak("P1", type, json)}}));
    return first(keep).main.value;
}

} // namespace

TEST_CASE("an item is read with all that checks look at", "[entity]") {
    const auto document = parse_entity(R"({
        "pageid": 1, "ns": 0, "title": "Q42", "lastrevid": 12345, "modified": "2026-01-01T00:00:00Z",
        "type": "item", "id": "Q42",
        "labels": {"en": {"language": "en", "value": "x"}, "de": {"language": "de", "value": "y"}},
        "descriptions": {}, "aliases": {},
        "claims": {"P31": [{
            "mainsnak": {"snaktype": "value", "property": "P31", "datatype": "wikibase-item",
                         "hash": "ad7d38a03cdd40cdc373de0dc4e7b7fcbccb31d9",
                         "datavalue": {"type": "wikibase-entityid",
                             "value": {"entity-type": "item", "numeric-id": 5, "id": "Q5"}}},
            "type": "statement", "id": "Q42$F078E5B3", "rank": "preferred",
            "qualifiers": {"P1": [{"snaktype": "novalue", "property": "P1"}]},
            "qualifiers-order": ["P1"],
            "references": [{"hash": "a4d108601216cffd2ff1819ccf12b483486b62e7",
                            "snaks": {"P2": [{"snaktype": "somevalue", "property": "P2"}]},
                            "snaks-order": ["P2"]}]}]},
        "sitelinks": {}})");
    const Entity& item = document->entity();
    CHECK(item.id == id("Q42"));
    CHECK(item.revision == 12345);
    CHECK(item.has_label("en"));
    CHECK(item.has_label("de"));
    CHECK_FALSE(item.has_label("fr"));
    REQUIRE(item.statements.size() == 1);
    const Statement& statement = item.statements[0];
    CHECK(statement.guid == "Q42$F078E5B3");
    CHECK(statement.rank == Rank::preferred);
    CHECK(statement.main.hash == "ad7d38a03cdd40cdc373de0dc4e7b7fcbccb31d9");
    REQUIRE(item_of(statement.main) != nullptr);
    CHECK(*item_of(statement.main) == id("Q5"));
    REQUIRE(statement.qualifiers.size() == 1);
    CHECK(statement.qualifiers[0].type == SnakType::novalue);
    REQUIRE(statement.references.size() == 1);
    // computed: the one in the JSON is not that of these snaks
    CHECK(statement.references[0].hash == "77eac941d76b48a06db1a76056eaa2fce4c9ffee");
    CHECK(statement.references[0].snaks[0].type == SnakType::somevalue);
}

TEST_CASE("empty maps are written in two ways", "[entity]") {
    const std::string empty = GENERATE(as<std::string>{}, "[]", "{}");
    const auto document =
        parse_entity(R"({"id":"Q1","labels":)" + empty + R"(,"claims":)" + empty + "}");
    CHECK(document->entity().statements.empty());
    CHECK(document->entity().label_languages.empty());
    const auto with = parse_entity(R"({"id":"Q1","claims":{"P1":[{"id":"Q1$1","rank":"normal",
        "mainsnak":{"snaktype":"novalue","property":"P1"},"qualifiers":)" +
                                   empty + R"(,"references":[{"snaks":)" + empty + "}]}]}}");
    CHECK(first(with).qualifiers.empty());
    CHECK(first(with).references.empty());
}

TEST_CASE("statements keep the order of the document", "[entity]") {
    const auto document = parse_entity(R"({"id":"Q1","claims":{
        "P2":[{"id":"Q1$a","mainsnak":{"snaktype":"novalue","property":"P2"}},
              {"id":"Q1$b","mainsnak":{"snaktype":"somevalue","property":"P2"}}],
        "P1":[{"id":"Q1$c","mainsnak":{"snaktype":"novalue","property":"P1"}}]}})");
    std::string order;
    for (const Statement& statement : document->entity().statements)
        order += statement.guid.back();
    CHECK(order == "abc");
    CHECK(first(document).rank == Rank::normal);
}

TEST_CASE("qualifiers-order sorts the qualifiers, unknown ones last", "[entity]") {
    const auto read = [](const char* order) {
        return parse_entity(R"({"id":"Q1","claims":{"P9":[{"id":"Q1$1",
            "mainsnak":{"snaktype":"novalue","property":"P9"},
            "qualifiers":{"P1":[{"snaktype":"novalue","property":"P1"},
                                {"snaktype":"somevalue","property":"P1"}],
                          "P2":[{"snaktype":"novalue","property":"P2"}],
                          "P3":[{"snaktype":"novalue","property":"P3"}]})" +
                            std::string{order} + "}]}}");
    };
    using Names = std::vector<std::string>;
    CHECK(properties_of(first(read("")).qualifiers) == Names{"P1", "P1", "P2", "P3"});
    CHECK(properties_of(first(read(R"(,"qualifiers-order":["P3","P1","P2"])")).qualifiers) ==
          Names{"P3", "P1", "P1", "P2"});
    CHECK(properties_of(first(read(R"(,"qualifiers-order":["P2","P8"])")).qualifiers) ==
          Names{"P2", "P1", "P1", "P3"});
    CHECK(first(read(R"(,"qualifiers-order":["P3"])")).qualifiers[1].type == SnakType::novalue);
}

TEST_CASE("the same snak occurs once in a list of qualifiers or of a reference", "[entity]") {
    const std::string a = string_snak("P1", "a");
    const std::string b = string_snak("P1", "b");
    const auto document =
        parse_entity(entity_json("Q1", {{"Q1$1", a, {a, b, a, b, a}, {b, a, b}}}));
    CHECK(first(document).qualifiers.size() == 2);
    CHECK(first(document).references[0].snaks.size() == 2);
}

TEST_CASE("the same snak occurs once in long lists too", "[entity]") {
    std::vector<std::string> snaks;
    for (int round = 0; round < 2; ++round)
        for (int i = 0; i < 40; ++i)
            snaks.push_back(string_snak("P1", std::to_string(i)));
    const auto document = parse_entity(entity_json("Q1", {{"Q1$1", snaks[0], snaks}}));
    CHECK(first(document).qualifiers.size() == 40);
}

TEST_CASE("two equal statements are two statements", "[entity]") {
    const std::string a = string_snak("P1", "a");
    const auto document = parse_entity(entity_json("Q1", {{"Q1$1", a}, {"Q1$2", a}}));
    CHECK(document->entity().statements.size() == 2);
}

TEST_CASE("references without snaks are dropped", "[entity]") {
    const auto document = parse_entity(R"({"id":"Q1","claims":{"P1":[{"id":"Q1$1",
        "mainsnak":{"snaktype":"novalue","property":"P1"},
        "references":[{"snaks":[]},{"snaks":{"P2":[]}},
                      {"snaks":{"P2":[{"snaktype":"novalue","property":"P2"}]}}]}]}})");
    REQUIRE(first(document).references.size() == 1);
    CHECK(first(document).references[0].hash.size() == 40);
}

TEST_CASE("forms and senses are entities of their lexeme's document", "[entity]") {
    const auto document = parse_entity(R"({"type":"lexeme","id":"L7","language":"Q1860","lemmas":{},
        "lexicalCategory":"Q1","claims":[],
        "forms":[{"id":"L7-F1","representations":{},"grammaticalFeatures":[],"claims":{
            "P1":[{"id":"L7-F1$1","mainsnak":{"snaktype":"novalue","property":"P1"}}]}}],
        "senses":[{"id":"L7-S1","glosses":{},"claims":[]}]})");
    CHECK(document->entity().lemma_language_item == "Q1860");
    REQUIRE(document->find(id("L7-F1")) != nullptr);
    CHECK(document->find(id("L7-F1"))->statements.size() == 1);
    CHECK(document->find(id("L7-S1")) != nullptr);
    CHECK(document->find(id("L7")) == &document->entity());
    CHECK(document->find(id("L7-F2")) == nullptr);
    CHECK(document->find(id("Q1")) == nullptr);
}

TEST_CASE("mediainfo calls its claims statements", "[entity]") {
    const auto document = parse_entity(R"({"type":"mediainfo","id":"M1","labels":[],"statements":{
        "P1":[{"id":"M1$1","mainsnak":{"snaktype":"novalue","property":"P1"}}]}})");
    CHECK(document->entity().statements.size() == 1);
}

TEST_CASE("values of every type are read", "[entity]") {
    EntityPtr keep;
    CHECK(std::get<std::string_view>(value_of("string", R"("a\u00e9\n")", keep)) == "aé\n");
    const auto mono = std::get<MonolingualText>(
        value_of("monolingualtext", R"({"text":"x","language":"pt-br"})", keep));
    CHECK(mono.language == "pt-br");
    CHECK(mono.text == "x");
    const auto time = std::get<TimeValue>(value_of(
        "time", R"({"time":"+00000002001-02-00T00:00:00Z","timezone":60,"before":1,"after":2,
                 "precision":10,"calendarmodel":"c"})",
        keep));
    CHECK(time.time == "+2001-02-00T00:00:00Z");
    CHECK(time.timezone == 60);
    CHECK(time.before == 1);
    CHECK(time.after == 2);
    CHECK(time.precision == 10);
    CHECK(time.calendar_model == "c");
    const auto quantity = std::get<QuantityValue>(value_of(
        "quantity", R"({"amount":"5","unit":"u","upperBound":"+6.0","lowerBound":"-0"})", keep));
    CHECK(quantity.amount == "+5");
    CHECK(quantity.upper_bound == "+6.0");
    CHECK(quantity.lower_bound == "+0");
    CHECK(std::get<QuantityValue>(value_of("quantity", R"({"amount":-1.5,"unit":"1"})", keep))
              .amount == "-1.5");
    const auto globe = std::get<GlobeCoordinate>(
        value_of("globecoordinate", R"({"latitude":1.5,"longitude":-2,"precision":null})", keep));
    CHECK(globe.latitude == 1.5);
    CHECK(globe.longitude == -2);
    CHECK_FALSE(globe.precision);
    CHECK(globe.globe == "http://www.wikidata.org/entity/Q2");
    CHECK(std::get<EntityId>(value_of("wikibase-entityid",
                                      R"({"entity-type":"property","numeric-id":31})", keep)) ==
          id("P31"));
}

TEST_CASE("values that Wikibase can't read are kept with the reason", "[entity]") {
    const auto [type, json, reason] = GENERATE(table<const char*, const char*, const char*>({
        {"unheard-of", R"({"a":1})", "Type \"unheard-of\" is unsupported"},
        {"wikibase-entityid", R"({"id":"Q0"})",
         "The serialization \"Q0\" is not recognized by the configured id builders"},
        {"wikibase-entityid", R"({"id":5})",
         "The serialization of an entity ID should be a string"},
        {"string", "5", "Can only construct StringValue from strings"},
        {"time", R"({"time":"+2001-01-01T00:00:00Z"})", "timezone field required"},
        {"quantity", R"({"amount":"+5"})", "unit field required"},
        {"quantity", R"({"amount":"five","unit":"1"})",
         "\"+five\" is not a well formed decimal value"},
        {"quantity", R"({"amount":"+5","unit":"1","upperBound":"+6"})",
         "lowerBound field required"},
        {"quantity", R"({"amount":"+5","unit":"1","upperBound":"+4","lowerBound":"+3"})",
         "$upperBound +4 must be >= $amount +5"},
        {"monolingualtext", R"({"text":"x"})", "language field required"},
        {"globecoordinate", R"({"latitude":1})", "numeric longitude field required"},
        {"globecoordinate", R"({"latitude":361,"longitude":0})",
         "Latitude needs to be between -360 and 360"},
    }));
    CAPTURE(type, json);
    EntityPtr keep;
    const auto value = std::get<OtherValue>(value_of(type, json, keep));
    CHECK(value.type == type);
    CHECK(value.json == json);
    CHECK(value.error == reason);
    CHECK(first(keep).main.hash.size() == 40);
}

TEST_CASE("invalid times are distinguished", "[entity]") {
    const auto [text, reason] = GENERATE(table<const char*, const char*>({
        {"2001-01-01T00:00:00Z", "$timestamp must resemble ISO 8601, given 2001-01-01T00:00:00Z"},
        {"+2001-1x-0yT00:00:00Z", "$timestamp must resemble ISO 8601, given +2001-1x-0yT00:00:00Z"},
        {"", "$timestamp must be a non-empty string"},
    }));
    EntityPtr keep;
    const auto value = value_of("time",
                                R"({"time":")" + std::string{text} +
                                    R"(","timezone":0,"before":0,"after":0,"precision":11,
                                            "calendarmodel":"c"})",
                                keep);
    CHECK(std::get<OtherValue>(value).error == reason);
}

TEST_CASE("an error that the wiki gives with a value is kept", "[entity]") {
    const auto document = parse_entity(entity_json(
        "Q1",
        {{"Q1$1",
          R"({"snaktype":"value","property":"P1","datavalue":{"type":"string","value":"x","error":"no"}})"}}));
    CHECK(std::get<OtherValue>(first(document).main.value).error == "no");
}

TEST_CASE("the last of two members with one name counts, as in PHP", "[entity]") {
    EntityPtr keep;
    const auto value =
        value_of("monolingualtext", R"({"text":"a","language":"en","text":"b"})", keep);
    CHECK(std::get<MonolingualText>(value).text == "b");
}
