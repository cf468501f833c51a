// SPDX-License-Identifier: GPL-2.0-or-later
// Results on their way out: statuses, JSON text, values and the arguments of messages as WBQC's
// ViolationMessageSerializer writes them.
#include "entity_builders.hpp"
#include "results/json.hpp"
#include "results/message.hpp"
#include "results/status.hpp"

#include <catch2/catch.hpp>

#include <array>

using namespace runner::results;
using namespace runner::test;
using runner::entity::DataValue;
using runner::entity::MonolingualText;

namespace {

std::string text_of(const ViolationMessage& message) {
    std::string out;
    message.append_json(out);
    return out;
}

std::string quoted(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

std::string round_trip(std::string_view type, std::string_view json) {
    const auto document =
        runner::entity::parse_entity(entity_json("Q1", {{"Q1$1", value_snak("P1", type, json)}}));
    std::string out;
    append_json(out, document->entity().statements[0].main.value);
    return out;
}

} // namespace

TEST_CASE("statuses have WBQC's names and order", "[results]") {
    for (const auto name : status_names)
        CHECK(to_string(status_from(name).value()) == name);
    CHECK_FALSE(status_from("fine"));
    CHECK(Status::bad_parameters < Status::violation);
    CHECK(Status::violation < Status::warning);
    CHECK(Status::warning < Status::suggestion);
    CHECK(Status::exception < Status::compliance);
    CHECK(Status::not_in_scope < Status::todo);
}

TEST_CASE("only statuses that WBQC caches are stored", "[results]") {
    CHECK(is_stored(Status::bad_parameters));
    CHECK(is_stored(Status::violation));
    CHECK(is_stored(Status::warning));
    CHECK(is_stored(Status::suggestion));
    CHECK_FALSE(is_stored(Status::exception));
    CHECK_FALSE(is_stored(Status::compliance));
    CHECK_FALSE(is_stored(Status::deprecated));
    CHECK_FALSE(is_stored(Status::not_in_scope));
    CHECK_FALSE(is_stored(Status::todo));
}

TEST_CASE("JSON text escapes what must be escaped, and only that", "[results]") {
    CHECK(quoted("") == R"("")");
    CHECK(quoted("a\"b\\c/d") == R"("a\"b\\c/d")");
    CHECK(quoted("\b\f\n\r\t") == R"("\b\f\n\r\t")");
    CHECK(quoted(std::string_view{"\0\x01\x1f\x7f", 4}) == "\"\\u0000\\u0001\\u001f\x7f\"");
    CHECK(quoted("é日😀") == "\"é日😀\"");
    CHECK(quoted("<script>&'") == "\"<script>&'\"");
}

TEST_CASE("values are written as Wikibase serializes them", "[results]") {
    CHECK(round_trip("string", R"("x")") == R"({"value":"x","type":"string"})");
    CHECK(
        round_trip("wikibase-entityid", R"({"id":"q5"})") ==
        R"({"value":{"entity-type":"item","numeric-id":5,"id":"Q5"},"type":"wikibase-entityid"})");
    CHECK(round_trip("wikibase-entityid", R"({"id":"L1-F2"})") ==
          R"({"value":{"entity-type":"form","id":"L1-F2"},"type":"wikibase-entityid"})");
    CHECK(round_trip("wikibase-entityid", R"({"id":"E5"})") ==
          R"({"value":{"id":"E5","entity-type":"entity-schema"},"type":"wikibase-entityid"})");
    CHECK(round_trip("quantity", R"({"amount":"5","unit":"1"})") ==
          R"({"value":{"amount":"+5","unit":"1"},"type":"quantity"})");
    CHECK(
        round_trip("quantity", R"({"amount":"5","unit":"1","lowerBound":"4","upperBound":"6"})") ==
        R"({"value":{"amount":"+5","unit":"1","upperBound":"+6","lowerBound":"+4"},"type":"quantity"})");
    CHECK(round_trip("monolingualtext", R"({"language":"en","text":"x"})") ==
          R"({"value":{"text":"x","language":"en"},"type":"monolingualtext"})");
    CHECK(
        round_trip("globecoordinate", R"({"latitude":1.0,"longitude":2.5e-7,"precision":null})") ==
        R"({"value":{"latitude":1,"longitude":2.5e-7,"altitude":null,"precision":null,)"
        R"("globe":"http://www.wikidata.org/entity/Q2"},"type":"globecoordinate"})");
    CHECK(round_trip("odd", R"({"a": [1, 2]})") ==
          R"({"value":{"a":[1,2]},"type":"odd","error":"Type \"odd\" is unsupported"})");
}

TEST_CASE("a message without arguments has an empty list of them", "[results]") {
    CHECK(text_of(ViolationMessage("qualifier")) == R"({"k":"qualifier","a":[]})");
    CHECK(ViolationMessage().empty());
    CHECK_FALSE(ViolationMessage("x").empty());
}

TEST_CASE("arguments carry their type, value and role", "[results]") {
    ViolationMessage message("m");
    message.entity_id(property("P5"), Role::predicate)
        .entity_id(id("Q5"))
        .entity_id("Q7", Role::constraint_type_item);
    CHECK(text_of(message) ==
          R"({"k":"m","a":[{"t":"e","v":"P5","r":"predicate"},{"t":"e","v":"Q5","r":null},)"
          R"({"t":"e","v":"Q7","r":"constraint-type-item"}]})");
}

TEST_CASE("lists of ids may be empty", "[results]") {
    ViolationMessage message("m");
    message.entity_id_list(std::span<const runner::entity::PropertyId>{});
    const std::array ids{id("Q1"), id("L1-F1")};
    message.entity_id_list(std::span<const runner::entity::EntityId>{ids},
                           Role::constraint_parameter_value);
    CHECK(text_of(message) == R"({"k":"m","a":[{"t":"E","v":[],"r":null},)"
                              R"({"t":"E","v":["Q1","L1-F1"],"r":"constraint-parameter-value"}]})");
}

TEST_CASE("items, somevalue and novalue are one kind of argument", "[results]") {
    const std::array values{ItemValue{ItemValue::Kind::item, id("Q1")},
                            ItemValue{ItemValue::Kind::somevalue, {}},
                            ItemValue{ItemValue::Kind::novalue, {}}};
    ViolationMessage message("m");
    message.item_value_list(values, Role::object).item_value(values[2], Role::object);
    CHECK(text_of(message) ==
          R"({"k":"m","a":[{"t":"I","v":["Q1","::somevalue","::novalue"],"r":"object"},)"
          R"({"t":"i","v":"::novalue","r":"object"}]})");
}

TEST_CASE("contexts are written as one letter", "[results]") {
    const std::array all{ContextType::statement, ContextType::qualifier, ContextType::reference};
    ViolationMessage message("m");
    message.constraint_scope(all[1]).constraint_scope_list(all);
    message.property_scope(all[2]).property_scope_list(std::span{all}.first(1));
    CHECK(text_of(message) ==
          R"({"k":"m","a":[{"t":"s","v":"q","r":null},{"t":"S","v":["s","q","r"],"r":null},)"
          R"({"t":"p","v":"r","r":null},{"t":"P","v":["s"],"r":null}]})");
}

TEST_CASE("the other arguments", "[results]") {
    const std::array<std::string_view, 2> codes{"en", "de"};
    const std::array texts{MonolingualText{"en", "a\"b"}};
    ViolationMessage message("m");
    message.data_value(DataValue{std::string_view{"x"}}, Role::object).data_value_type("time");
    message.inline_code("[\"]", Role::constraint_parameter_value).language("en").languages(codes);
    message.multilingual_text(texts).multilingual_text({});
    CHECK(
        text_of(message) ==
        R"({"k":"m","a":[{"t":"v","v":{"value":"x","type":"string"},"r":"object"},)"
        R"({"t":"t","v":"time","r":null},{"t":"c","v":"[\"]","r":"constraint-parameter-value"},)"
        R"({"t":"l","v":"en","r":null},{"t":"L","v":["en","de"],"r":null},)"
        R"({"t":"m","v":[{"text":"a\"b","language":"en"}],"r":null},{"t":"m","v":[],"r":null}]})");
}
