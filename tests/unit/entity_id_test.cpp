// SPDX-License-Identifier: GPL-2.0-or-later
// Entity ids: what is one, how it prints, and what it belongs to.
#include "entity/entity_id.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <unordered_set>

using namespace runner::entity;

TEST_CASE("ids of every type are parsed and printed", "[entity]") {
    const auto [text, type] = GENERATE(table<const char*, EntityType>({
        {"Q42", EntityType::item},
        {"P31", EntityType::property},
        {"L7", EntityType::lexeme},
        {"L7-F1", EntityType::form},
        {"L7-S2", EntityType::sense},
        {"M5", EntityType::mediainfo},
        {"E10", EntityType::entity_schema},
        {"Q1", EntityType::item},
        {"Q2147483647", EntityType::item},
        {"L2147483647-F2147483647", EntityType::form},
    }));
    const auto id = EntityId::parse(text);
    REQUIRE(id);
    CHECK(id->type == type);
    CHECK(id->to_string() == text);
    CHECK(id->valid());
}

TEST_CASE("letters of an id may be small, and are printed large", "[entity]") {
    CHECK(EntityId::parse("q42").value().to_string() == "Q42");
    CHECK(EntityId::parse("p31").value().to_string() == "P31");
    CHECK(EntityId::parse("l7-f1").value().to_string() == "L7-F1");
    CHECK(EntityId::parse("L7-s1").value().to_string() == "L7-S1");
}

TEST_CASE("malformed ids are rejected", "[entity]") {
    const std::string text =
        GENERATE(as<std::string>{}, "", "Q", "Q0", "P0", "Q01", "Q-1", "Q1 ", " Q1", "Q1\n", "42",
                 "X1", "Q2147483648", "Q99999999999999999999999", "Q1.5", "Q1e3", "QQ1", "Q1-F1",
                 "P1-S1", "L1-", "L1-F", "L1-F0", "L1-F01", "L1-X1", "L1-F1-F1", "L0-F1", "L1F1",
                 "q42;DROP", "Q４２", "E1-F1", "wd:Q1", "L1-F2147483648", "-", "L1--F1");
    CAPTURE(text);
    CHECK_FALSE(EntityId::parse(text));
}

TEST_CASE("an id with a zero byte is invalid", "[entity]") {
    CHECK_FALSE(EntityId::parse(std::string_view{"Q1\0", 3}));
}

TEST_CASE("property ids are ids of properties only", "[entity]") {
    CHECK(PropertyId::parse("P31") == PropertyId{31});
    CHECK(PropertyId::parse("p31").value().to_string() == "P31");
    CHECK_FALSE(PropertyId::parse("Q31"));
    CHECK_FALSE(PropertyId::parse("P0"));
    CHECK_FALSE(PropertyId::parse("31"));
    CHECK(PropertyId{31}.entity_id().to_string() == "P31");
}

TEST_CASE("forms and senses live on the page of their lexeme", "[entity]") {
    CHECK(EntityId::parse("L7-F1")->page() == *EntityId::parse("L7"));
    CHECK(EntityId::parse("L7-S3")->page() == *EntityId::parse("L7"));
    CHECK(EntityId::parse("Q7")->page() == *EntityId::parse("Q7"));
}

TEST_CASE("ids of different types are different, in sets too", "[entity]") {
    std::set<EntityId> ordered;
    std::unordered_set<EntityId> hashed;
    for (const auto* text : {"Q1", "P1", "L1", "L1-F1", "L1-S1", "L1-F2", "M1", "E1", "Q2", "q1"}) {
        ordered.insert(*EntityId::parse(text));
        hashed.insert(*EntityId::parse(text));
    }
    CHECK(ordered.size() == 9);
    CHECK(hashed.size() == 9);
}

TEST_CASE("entity types are named as Wikibase names them", "[entity]") {
    for (const auto* name :
         {"item", "property", "lexeme", "form", "sense", "mediainfo", "entity-schema"}) {
        const auto type = entity_type_from(name);
        REQUIRE(type);
        CHECK(to_string(*type) == name);
    }
    CHECK_FALSE(entity_type_from("Item"));
    CHECK_FALSE(entity_type_from(""));
}
