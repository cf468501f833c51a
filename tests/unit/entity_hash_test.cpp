// SPDX-License-Identifier: GPL-2.0-or-later
// Hashes of snaks and references, as Wikidata shows them for statements of its own; and what they
// depend on: PHP's way to write floats and to serialize.
#include "entity/php_serialize.hpp"
#include "entity/snak_hash.hpp"
#include "entity_builders.hpp"

#include <catch2/catch.hpp>

using namespace runner::entity;

namespace {

/// The main snak of an item, read from its JSON.
EntityPtr item_with(const std::string& snak) {
    return parse_entity(runner::test::entity_json("Q1", {{"Q1$1", snak}}));
}

} // namespace

TEST_CASE("a snak without a hash gets the one that Wikibase gives it", "[entity]") {
    const auto [hash, snak] = GENERATE(table<const char*, const char*>({
        // entity:item
        {"403a5fec833c0ed3c755ccd40dd8d3b5199b9cc1",
         R"({"snaktype":"value","property":"P5185","datavalue":{"value":{"entity-type":"item)"
         R"(","numeric-id":1775461,"id":"Q1775461"},"type":"wikibase-entityid"}})"},
        // entity:lexeme
        {"9c143806f9d71d5227200a4160e0b5b43a5a7288",
         R"({"snaktype":"value","property":"P5191","datavalue":{"value":{"entity-type":"lexe)"
         R"(me","numeric-id":184993,"id":"L184993"},"type":"wikibase-entityid"}})"},
        // string:ascii
        {"c4927005ad1e65913dd216a2476834264db1528e",
         R"({"snaktype":"value","property":"P6838","datavalue":{"value":"Heu118067_0","type")"
         R"(:"string"}})"},
        // string:uni
        {"1a957601410d1b9addcb0f640dbfc486eb21edec",
         R"({"snaktype":"value","property":"P5279","datavalue":{"value":"roj·na·me·van","typ)"
         R"(e":"string"}})"},
        // monolingualtext
        {"b3bd1bec992c5d0c748676349ac5c28c63fd57ad",
         R"({"snaktype":"value","property":"P5831","datavalue":{"value":{"text":"\"Oprašoval)"
         R"(a achátový kalamář, postavila stříbrnou násadku na podstavec ze želvoviny, otoči)"
         R"(la pečetítko s rukojetí z chrysoprasu tak, aby nebylo vidět měšťácké razítko\"",)"
         R"("language":"cs"},"type":"monolingualtext"}})"},
        // time:72711
        {"8cbd5a2e1d38f4d8ca81accf49f5aaea646dba90",
         R"({"snaktype":"value","property":"P577","datavalue":{"value":{"time":"+2019-05-19T)"
         R"(00:00:00Z","timezone":0,"before":0,"after":0,"precision":11,"calendarmodel":"htt)"
         R"(p://www.wikidata.org/entity/Q1985727"},"type":"time"}})"},
        // novalue
        {"dd142cf6d74198fde4e952757cccfb2402197315",
         R"({"snaktype":"novalue","property":"P6140"})"},
        // entity:property
        {"d6c6cf1b4b2fc0b846da2fd51cade4e5bb2d080e",
         R"({"snaktype":"value","property":"P1647","datavalue":{"value":{"entity-type":"prop)"
         R"(erty","numeric-id":1037,"id":"P1037"},"type":"wikibase-entityid"}})"},
        // somevalue
        {"6e2fe3ba89649d22ffdbe038e61a7299ecb239a3",
         R"({"snaktype":"somevalue","property":"P2305"})"},
        // quantity:u
        {"b790b6dc9e6ed4f2da4a86d39290538c2d0dd76f",
         R"({"snaktype":"value","property":"P1107","datavalue":{"value":{"amount":"+0.6","un)"
         R"(it":"1"},"type":"quantity"}})"},
        // quantity:b
        {"cec830472b9af4940d47787c8cfd6a382dc98bb0",
         R"({"snaktype":"value","property":"P4876","datavalue":{"value":{"amount":"+9860000")"
         R"(,"unit":"1","upperBound":"+9865000","lowerBound":"+9855000"},"type":"quantity"}})"},
        // globecoordinate:FalseFalse
        {"72a03bd4ecbba1e7d0e0dfc2779ceccf9b2e0bcb",
         R"({"snaktype":"value","property":"P625","datavalue":{"value":{"latitude":27.988055)"
         R"(555556,"longitude":86.925277777778,"altitude":null,"precision":0.000277777777777)"
         R"(78,"globe":"http://www.wikidata.org/entity/Q2"},"type":"globecoordinate"}})"},
        // time:7861
        {"5d08f27ece2807809768f9baaf3f08aff176f801",
         R"({"snaktype":"value","property":"P585","datavalue":{"value":{"time":"-13700000000)"
         R"(-00-00T00:00:00Z","timezone":0,"before":0,"after":0,"precision":1,"calendarmodel)"
         R"(":"http://www.wikidata.org/entity/Q1985786"},"type":"time"}})"},
        // time:78611
        {"5c426c822eab5378562b91c1ac91bf7864a5e31a",
         R"({"snaktype":"value","property":"P580","datavalue":{"value":{"time":"-0659-02-04T)"
         R"(00:00:00Z","timezone":0,"before":0,"after":0,"precision":11,"calendarmodel":"htt)"
         R"(p://www.wikidata.org/entity/Q1985786"},"type":"time"}})"},
        // globecoordinate:FalseTrue
        {"b5868fc84bd9fe34a303b59e94f593ce6f7b80fe",
         R"({"snaktype":"value","property":"P1334","datavalue":{"value":{"latitude":52.48116)"
         R"(6666667,"longitude":1.7628333333333,"altitude":null,"precision":2.7777777777778e)"
         R"(-05,"globe":"http://www.wikidata.org/entity/Q2"},"type":"globecoordinate"}})"},
        // entity:sense
        {"a836f36efc55fce2766c017a736e65cbe306fe81",
         R"({"snaktype":"value","property":"P7018","datavalue":{"value":{"entity-type":"sens)"
         R"(e","id":"L9751-S1"},"type":"wikibase-entityid"}})"},
        // globecoordinate:TrueFalse
        {"59458f845bbb4804259d55cbea95789eaf79620f",
         R"({"snaktype":"value","property":"P625","datavalue":{"value":{"latitude":38.7,"lon)"
         R"(gitude":-9.1833333333333,"altitude":null,"precision":null,"globe":"http://www.wi)"
         R"(kidata.org/entity/Q2"},"type":"globecoordinate"}})"},
        // entity:entity-schema
        {"36c7dbebfab9065424fc6e7ecdd95b9fa46072d7",
         R"({"snaktype":"value","property":"P12861","datavalue":{"value":{"id":"E244","entit)"
         R"(y-type":"entity-schema"},"type":"wikibase-entityid"}})"},
        // a string with a slash
        {"d06d8a881d083417d2d7822d21a5b67f1e90292b",
         R"({"snaktype":"value","property":"P5997","datavalue":{"value":"https://w.wiki/EMEW)"
         R"(","type":"string"}})"},
    }));
    const auto document = item_with(snak);
    const Snak& read = document->entity().statements[0].main;
    CHECK(read.hash == hash);
    CHECK(snak_hash(read) == hash);
}

TEST_CASE("a reference's hash depends on its snaks, not on their order", "[entity]") {
    const auto read = [](const std::vector<std::string>& snaks) {
        return parse_entity(runner::test::entity_json(
            "Q1", {{"Q1$1", runner::test::missing_snak("P1", "novalue"), {}, snaks}}));
    };
    using runner::test::entity_snak;
    using runner::test::string_snak;
    const std::vector<std::string> snaks{entity_snak("P248", "Q73402184"), string_snak("P792", "6"),
                                         string_snak("P304", "138")};
    const std::vector<std::string> turned{snaks[2], snaks[0], snaks[1]};
    CHECK(read(snaks)->entity().statements[0].references[0].hash ==
          "aa7beb34c06d04799266ed717fa34498eb8c2652");
    CHECK(read(turned)->entity().statements[0].references[0].hash ==
          "aa7beb34c06d04799266ed717fa34498eb8c2652");
}

TEST_CASE("text beyond ASCII is escaped where Wikibase writes JSON", "[entity]") {
    const auto document = item_with(runner::test::value_snak(
        "P1", "time",
        "{\"time\":\"+2001-01-01T00:00:00Z\",\"timezone\":0,\"before\":0,\"after\":0,"
        "\"precision\":11,\"calendarmodel\":\"http://\u00e9/\\\"\"}"));
    CHECK(document->entity().statements[0].main.hash == "d068bc5f4d15d3e247c66b908e8d88816c2845c7");
}

TEST_CASE("floats are written as PHP writes them", "[entity]") {
    const auto [value, expected] = GENERATE(table<double, const char*>({
        {0.0, "0"},
        {-0.0, "-0"},
        {1.0, "1"},
        {0.1, "0.1"},
        {1.0 / 3, "0.3333333333333333"},
        {1e15, "1000000000000000"},
        {1e16, "10000000000000000"},
        {1e17, "1.0e+17"},
        {123456789012345678.0, "1.2345678901234568e+17"},
        {1e25, "1.0e+25"},
        {1.5e-4, "0.00015"},
        {1e-5, "1.0e-5"},
        {1.234e-5, "1.234e-5"},
        {5e-324, "5.0e-324"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
        {100000.5, "100000.5"},
        {-2.5, "-2.5"},
        {0.3 - 0.1, "0.19999999999999998"},
        {1e-7, "1.0e-7"},
        {60.5, "60.5"},
    }));
    std::string out;
    append_php_double(out, value);
    CHECK(out == expected);
}

TEST_CASE("decoded JSON is serialized as PHP serializes it", "[entity]") {
    const auto [json, expected] = GENERATE(table<const char*, const char*>({
        {"null", "N;"},
        {"true", "b:1;"},
        {"[1,2]", "a:2:{i:0;i:1;i:1;i:2;}"},
        {R"({"a":1,"5":"x","05":2,"-3":3,"":4})",
         R"(a:5:{s:1:"a";i:1;i:5;s:1:"x";s:2:"05";i:2;i:-3;i:3;s:0:"";i:4;})"},
        {"\"\u00e9\"", "s:2:\"\u00e9\";"},
        {"1.5", "d:1.5;"},
        {"12345678901234567890", "d:1.2345678901234567E+19;"},
        {"{}", "a:0:{}"},
        {"[]", "a:0:{}"},
        {"-0", "i:0;"},
        {"-0.0", "d:-0;"},
        {"1e3", "d:1000;"},
        {R"({"a":{"b":[null,false]}})", R"(a:1:{s:1:"a";a:1:{s:1:"b";a:2:{i:0;N;i:1;b:0;}}})"},
        {R"({"9223372036854775807":1,"9223372036854775808":2})",
         R"(a:2:{i:9223372036854775807;i:1;s:19:"9223372036854775808";i:2;})"},
        {R"({"a":1,"a":2})", R"(a:1:{s:1:"a";i:2;})"},
    }));
    CAPTURE(json);
    CHECK(php_serialize_json(json) == expected);
}
