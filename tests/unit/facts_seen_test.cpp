// SPDX-License-Identifier: GPL-2.0-or-later
// What others see of an entity: which edits are worth checking its dependents again.
#include "entity_builders.hpp"
#include "facts/seen_by_others.hpp"

#include <catch2/catch.hpp>

using namespace runner::test;

namespace {

std::uint64_t seen(const std::string& json) {
    return runner::facts::seen_by_others(runner::entity::parse_entity(json)->entity(), {2302});
}

std::uint64_t item(const std::vector<StatementText>& statements, std::uint64_t revision = 1,
                   std::string_view more = {}) {
    return seen(entity_json("Q1", statements, revision, more));
}

} // namespace

TEST_CASE("others see main snaks and ranks of an item, and nothing else of it") {
    const StatementText statement{"Q1$1", string_snak("P1", "a")};
    const auto before = item({statement});
    CHECK(before != 0);
    CHECK(item({statement}, 2, R"(,"labels":{"en":{"language":"en","value":"x"}})") == before);
    CHECK(item({{"Q1$2", string_snak("P1", "a")}}) == before);
    CHECK(item({{"Q1$1", string_snak("P1", "a"), {string_snak("P2", "b")}}}) == before);
    CHECK(item({{"Q1$1", string_snak("P1", "a"), {}, {string_snak("P2", "b")}}}) == before);
    CHECK(item({{"Q1$1", string_snak("P1", "b")}}) != before);
    CHECK(item({{"Q1$1", string_snak("P2", "a")}}) != before);
    CHECK(item({{"Q1$1", missing_snak("P1", "somevalue")}}) != before);
    CHECK(item({{"Q1$1", string_snak("P1", "a"), {}, {}, "deprecated"}}) != before);
    CHECK(item({}) != before);
}

TEST_CASE("those that link to a property see its statements too, as an odd number") {
    const auto property = [](const std::vector<StatementText>& statements) {
        const auto document = runner::entity::parse_entity(
            entity_json("P1", statements, 1, R"(,"datatype":"string")"));
        return std::pair(runner::facts::seen_by_others(document->entity(), {2302}),
                         runner::facts::seen_when_linked(document->entity(), {2302}));
    };
    const StatementText constraint{"P1$1", entity_snak("P2302", "Q5"), {string_snak("P3", "a")}};
    const StatementText statement{"P1$2", string_snak("P4", "x")};
    const auto before = property({constraint, statement});
    CHECK(before.first % 2 == 0);
    CHECK(before.second % 2 == 1);
    CHECK(before.second != 1);
    CHECK(property({constraint}).first == before.first);
    CHECK(property({constraint}).second != before.second);
    CHECK(property({statement}).second != before.second);
    const auto item = runner::entity::parse_entity(entity_json("Q1", {statement}, 1));
    CHECK(runner::facts::seen_when_linked(item->entity(), {2302}) ==
          runner::facts::seen_by_others(item->entity(), {2302}));
}

TEST_CASE(
    "others see the constraints of a property, with their parameters, and nothing else of it") {
    const auto property = [](const std::vector<StatementText>& statements,
                             const std::string& type = "string") {
        return seen(entity_json("P1", statements, 1, R"(,"datatype":")" + type + '"'));
    };
    const StatementText constraint{"P1$1", entity_snak("P2302", "Q5"), {string_snak("P3", "a")}};
    const auto before = property({constraint});
    CHECK(property({constraint, {"P1$2", string_snak("P4", "x")}}) == before);
    CHECK(property({constraint}, "external-id") != before);
    CHECK(property({}) != before);
    auto other = constraint;
    other.qualifiers = {string_snak("P3", "b")};
    CHECK(property({other}) != before);
    other = constraint;
    other.rank = "deprecated";
    CHECK(property({other}) != before);
    other = constraint;
    other.guid = "P1$3";
    CHECK(property({other}) != before);
}
