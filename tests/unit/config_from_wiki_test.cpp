// SPDX-License-Identifier: GPL-2.0-or-later
// What a wiki says of its settings beside what the configuration says.
#include "base/error.hpp"
#include "config/fingerprint.hpp"
#include "config/from_wiki.hpp"
#include "config/load.hpp"
#include "temp_dir.hpp"

#include <catch2/catch.hpp>

using namespace runner::config;
using namespace runner::base;
using Catch::Contains;

namespace {

const runner::test::TempDir& dir() {
    static const runner::test::TempDir made;
    return made;
}

WikiSettings of_file(std::string_view toml) {
    return load({dir().write("runner.toml", toml), {}, {}}).settings.wikis.at(0);
}

} // namespace

TEST_CASE("a wiki's settings and ids are taken where the file says nothing") {
    WikiSettings wiki = of_file("[wiki.w]\n");
    const std::string before = fingerprint(wiki);
    take_from_wiki(wiki,
                   R"({"settings":{"wbqc":"1.43","concept_base_uri":"https://w.example/entity/",
        "check_qualifiers":false,"start_time_properties":["P1","P2"],
        "properties_with_violating_qualifiers":[],"of_a_later_version":{"x":1}},
        "ids":{"WBQualityConstraintsPropertyConstraintId":"P77","WBQualityConstraintsNewId":"P1"},
        "unit_conversion":{"Q1":{"factor":"2","unit":"Q2"}}})");
    CHECK(wiki.wbqc == WbqcVersion::v1_43);
    CHECK(wiki.concept_base_uri == "https://w.example/entity/");
    CHECK_FALSE(wiki.check_qualifiers);
    CHECK(wiki.check_references);
    CHECK(wiki.start_time_properties == std::vector<std::string>{"P1", "P2"});
    CHECK(wiki.ids[ConstraintId::PropertyConstraint] == "P77");
    CHECK(wiki.ids[ConstraintId::InstanceOf] == "P31");
    REQUIRE(wiki.unit_conversion_json != nullptr);
    CHECK_THAT(*wiki.unit_conversion_json, Contains("\"Q2\""));
    const std::string after = fingerprint(wiki);
    CHECK(after != before);
    take_from_wiki(wiki, R"({"settings":{},"ids":[],"unit_conversion":null})");
    CHECK(wiki.unit_conversion_json == nullptr);
    CHECK(fingerprint(wiki) != after);
}

TEST_CASE("all contradictions are named at once, with both places") {
    WikiSettings wiki = of_file("[wiki.w]\ncheck_qualifiers = true\nyear_unit = \"http://a/Q1\"\n"
                                "[wiki.w.ids]\nWBQualityConstraintsClassId = \"P2308\"\n");
    const std::string before = fingerprint(wiki);
    const std::string answer = R"({"settings":{"check_qualifiers":false,"year_unit":"http://a/Q1"},
        "ids":{"WBQualityConstraintsClassId":"P5","WBQualityConstraintsRelationId":"P6"}})";
    CHECK_THROWS_AS(take_from_wiki(wiki, answer), ConfigError);
    CHECK_THROWS_WITH(
        take_from_wiki(wiki, answer),
        Contains("runner.toml:2: wiki.w.check_qualifiers is true") &&
            Contains("WBQualityConstraintsCheckQualifiers of the wiki is false") &&
            Contains("runner.toml:5: wiki.w.ids.WBQualityConstraintsClassId is P2308") &&
            Contains("of the wiki is P5") && !Contains("year_unit"));
    CHECK(fingerprint(wiki) == before);
}

TEST_CASE("an answer that can't be understood is data that is wrong") {
    for (const char* answer :
         {"", "[]", "{\"settings\":7}", "{\"settings\":{\"check_qualifiers\":\"yes\"}}",
          "{\"settings\":{\"wbqc\":\"1.40\"}}",
          "{\"ids\":{\"WBQualityConstraintsClassId\":\"Q5\"}}",
          "{\"ids\":{\"WBQualityConstraintsClassId\":5}}", "{\"unit_conversion\":\"x\"}"}) {
        WikiSettings wiki = of_file("[wiki.w]\n");
        CAPTURE(answer);
        CHECK_THROWS_AS(take_from_wiki(wiki, answer), DataError);
    }
}
