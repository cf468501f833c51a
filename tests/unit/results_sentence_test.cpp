// SPDX-License-Identifier: GPL-2.0-or-later
// Violation messages in words.
#include "base/error.hpp"
#include "results/message.hpp"
#include "results/sentence.hpp"

#include <catch2/catch.hpp>

#include <array>

using namespace runner;
using results::sentence;

namespace {

std::string said(const results::ViolationMessage& message, const results::LabelOf& label = {}) {
    std::string json;
    message.append_json(json);
    const std::string before = R"({"k":")" + std::string(message.key()) + R"(","a":)";
    REQUIRE(json.starts_with(before));
    return sentence(message.key(), json.substr(before.size(), json.size() - before.size() - 1),
                    label);
}

const entity::EntityId q5 = *entity::EntityId::parse("Q5");

} // namespace

TEST_CASE("a message is a sentence with its arguments") {
    results::ViolationMessage message("conflicts-with-claim");
    message.entity_id(entity::PropertyId{462}).entity_id(entity::PropertyId{31});
    message.item_value({results::ItemValue::Kind::item, q5});
    CHECK(said(message) == "P462 should not be used together with P31 = Q5: remove one of them.");
    const auto label = [](std::string_view id) { return id == "P462" ? "colour" : ""; };
    CHECK(said(message, label) ==
          "P462 (colour) should not be used together with P31 = Q5: remove one of them.");
}

TEST_CASE("a part about an empty list is left out") {
    results::ViolationMessage without("item"), with("item");
    for (auto* message : {&without, &with})
        message->entity_id(entity::PropertyId{1}).entity_id(entity::PropertyId{2});
    without.item_value_list({});
    const std::array values{results::ItemValue{results::ItemValue::Kind::item, q5},
                            results::ItemValue{results::ItemValue::Kind::novalue, {}}};
    with.item_value_list(values);
    CHECK(said(without) == "An entity with P1 should also have P2.");
    CHECK(said(with) ==
          "An entity with P1 should also have P2, with one of these values: Q5, no value.");
}

TEST_CASE("long lists are cut") {
    std::vector<entity::EntityId> ids(20, q5);
    results::ViolationMessage message("unique-value");
    message.entity_id_list(ids);
    CHECK(said(message) ==
          "The value should be on one entity only; it is also on: Q5, Q5, Q5, Q5, Q5, "
          "Q5, ….");
}

TEST_CASE("values are printed to their precision") {
    const auto range = [](const std::string& value) {
        return sentence("range-time-leftopen",
                        R"([{"t":"e","v":"P1","r":"predicate"},{"t":"v","v":)" + value +
                            R"(,"r":"object"},{"t":"v","v":)" + value + R"(,"r":"object"}])");
    };
    const auto time = [](int precision) {
        return R"({"type":"time","value":{"time":"+1912-05-04T00:00:00Z","precision":)" +
               std::to_string(precision) + "}}";
    };
    CHECK(range(time(9)) == "The value 1912 of P1 should not be after 1912.");
    CHECK(range(time(10)) == "The value 1912-05 of P1 should not be after 1912-05.");
    CHECK(range(time(11)) == "The value 1912-05-04 of P1 should not be after 1912-05-04.");
    CHECK(range(R"({"type":"time","value":{"time":"-0044-03-15T00:00:00Z","precision":11}})") ==
          "The value -0044-03-15 of P1 should not be after -0044-03-15.");
    CHECK(
        range(
            R"({"type":"quantity","value":{"amount":"+1.50","unit":"http://x/entity/Q11573"}})") ==
        "The value 1.50 Q11573 of P1 should not be after 1.50 Q11573.");
    CHECK(range(R"({"type":"string","value":"a"})") ==
          R"(The value "a" of P1 should not be after "a".)");
}

TEST_CASE("a clarification is printed in English if there is one, and is optional") {
    const std::string head =
        R"([{"t":"e","v":"P1","r":null},{"t":"v","v":{"type":"string","value":"x"},)"
        R"("r":null},{"t":"c","v":"[a]","r":null},{"t":"m","v":)";
    CHECK(sentence("format-clarification", head + R"([],"r":null}])") ==
          R"(The value "x" of P1 should match the pattern [a].)");
    CHECK(
        sentence(
            "format-clarification",
            head +
                R"([{"text":"nur a","language":"de"},{"text":"only a","language":"en"}],"r":null}])") ==
        R"(The value "x" of P1 should match the pattern [a]: only a.)");
}

TEST_CASE("messages without a sentence, or with broken arguments, are still printed") {
    CHECK(sentence("made-up", "[]") == "made-up");
    CHECK(sentence("single-value", "no JSON") == " should have a single value.");
    CHECK_THROWS_AS(results::sentences_of("{}"), base::DataError);
    CHECK(results::sentences_if_any("{}").empty());
    const results::Sentences known{{{"Q1$1", "P1$1"}, "So it is."}};
    CHECK(results::sentence_or_key(known, "Q1$1", "P1$1", "key") == "So it is.");
    CHECK(results::sentence_or_key(known, "Q1$1", "P1$2", "key") == "key");
}

TEST_CASE("a fix is printed too") {
    const auto said = [](const char* fix) {
        return results::fix_sentence(fix, [](std::string_view id) {
            return id == "P1" ? std::string("eye colour") : std::string();
        });
    };
    CHECK(said(R"({"replace_property":"P1","own":true})") == "Use P1 (eye colour) instead.");
    CHECK(said(R"({"replace_property":["P2","P1"],"own":true})") ==
          "Use P2 or P1 (eye colour) instead.");
    CHECK(said(R"({"replace_property":null,"own":true})") == "No property replaces it.");
    CHECK(said(R"({"replace_value":{"type":"string","value":"a"},"own":true})") ==
          R"(Use the value "a" instead.)");
    CHECK(said(R"({"replace_property":"P2","replace_value":[null,{"type":"wikibase-entityid",)"
               R"("value":{"id":"Q5"}}],"own":true})") ==
          "Use P2 instead. Use the value nothing or Q5 instead.");
    CHECK(said(R"({"own":true})").empty());
    CHECK(said("no JSON").empty());
}
