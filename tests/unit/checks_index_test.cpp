// SPDX-License-Identifier: GPL-2.0-or-later
// The index of an entity's statements, and the groups in which values are counted.
#include "checks/entity_index.hpp"
#include "entity_builders.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <random>
#include <set>

using namespace runner::checks;
using namespace runner::test;
using runner::entity::EntityPtr;

namespace {

EntityPtr read(const std::vector<StatementText>& statements) {
    return runner::entity::parse_entity(entity_json("Q1", statements));
}

StatementText text(const char* name, const char* prop, const char* rank = "normal",
                   std::vector<std::string> qualifiers = {}) {
    return {name, string_snak(prop, name), std::move(qualifiers), {}, rank};
}

/// Neighbours of each statement, one digit each.
std::string counts(const EntityPtr& document, Grouping grouping,
                   std::vector<runner::entity::PropertyId> separators = {}) {
    const EntityIndex index(document->entity());
    std::string out;
    for (const auto& statement : document->entity().statements) {
        Context context;
        context.entity = &document->entity();
        context.index = &index;
        context.statement = &statement;
        context.snak = &statement.main;
        out += std::to_string(count_values(context, grouping, separators));
    }
    return out;
}

} // namespace

TEST_CASE("statements are found by property, in their order", "[checks]") {
    const auto document =
        read({text("a", "P2"), text("b", "P10"), text("c", "P2"), text("d", "P1")});
    const EntityIndex index(document->entity());
    REQUIRE(index.statements(property("P2")).size() == 2);
    CHECK(index.statements(property("P2"))[0]->guid == "a");
    CHECK(index.statements(property("P2"))[1]->guid == "c");
    CHECK(index.statements(property("P1")).size() == 1);
    CHECK(index.statements(property("P3")).empty());
    CHECK(index.counts(property("P3")).best() == 0);
}

TEST_CASE("ranks are counted", "[checks]") {
    const auto document =
        read({text("a", "P2"), text("b", "P2", "preferred"), text("c", "P2", "deprecated"),
              text("d", "P2", "preferred"), text("e", "P3", "deprecated")});
    const EntityIndex index(document->entity());
    CHECK(index.counts(property("P2")).non_deprecated() == 3);
    CHECK(index.counts(property("P2")).best() == 2);
    CHECK(index.counts(property("P3")).non_deprecated() == 0);
    CHECK(index.counts(property("P3")).best() == 0);
}

TEST_CASE("neighbours are those of the rank that is asked for", "[checks]") {
    const auto document = read({text("a", "P2"), text("b", "P2", "preferred"),
                                text("c", "P2", "deprecated"), text("d", "P3")});
    CHECK(counts(document, Grouping::non_deprecated) == "2221");
    CHECK(counts(document, Grouping::best_rank) == "1111");
}

TEST_CASE("separators part the neighbours", "[checks]") {
    const auto document =
        read({text("a", "P2", "normal", {entity_snak("P5", "Q1")}),
              text("b", "P2", "normal", {entity_snak("P5", "Q1")}),
              text("c", "P2", "normal", {entity_snak("P5", "Q2")}), text("d", "P2"),
              text("e", "P2", "normal", {missing_snak("P5", "somevalue")})});
    CHECK(counts(document, Grouping::non_deprecated) == "55555");
    CHECK(counts(document, Grouping::non_deprecated, {property("P5")}) == "22111");
    CHECK(counts(document, Grouping::non_deprecated, {property("P6")}) == "55555");
}

TEST_CASE("a statement outside of its group counts the group only", "[checks]") {
    // below the best rank: such a statement is not its own neighbour
    const auto document = read({text("a", "P2", "preferred", {entity_snak("P5", "Q1")}),
                                text("b", "P2", "normal", {entity_snak("P5", "Q1")}),
                                text("c", "P2", "normal", {entity_snak("P5", "Q2")})});
    CHECK(counts(document, Grouping::best_rank, {property("P5")}) == "110");
}

TEST_CASE("qualifiers and references are counted beside each other", "[checks]") {
    const auto document =
        read({{"a",
               string_snak("P1", "x"),
               {string_snak("P2", "1"), string_snak("P2", "2"), string_snak("P3", "1")},
               {string_snak("P2", "3")}}});
    const EntityIndex index(document->entity());
    const auto& statement = document->entity().statements[0];
    Context context;
    context.entity = &document->entity();
    context.index = &index;
    context.statement = &statement;
    context.type = ContextType::qualifier;
    context.snak = &statement.qualifiers[0];
    CHECK(count_values(context, Grouping::non_deprecated, {}) == 2);
    context.snak = &statement.qualifiers[2];
    CHECK(count_values(context, Grouping::best_rank, {}) == 1);
    context.type = ContextType::reference;
    context.reference = &statement.references[0];
    context.snak = &statement.references[0].snaks[0];
    CHECK(count_values(context, Grouping::non_deprecated, {}) == 1);
}

TEST_CASE("many statements are grouped by separators as few are", "[checks]") {
    // the rule, said again: the same snaks for each separator, and no somevalue
    const auto same = [](const runner::entity::Statement& a, const runner::entity::Statement& b,
                         const std::vector<runner::entity::PropertyId>& separators) {
        const auto of = [&](const runner::entity::Statement& statement) {
            std::multiset<std::string> out;
            for (const auto& snak : statement.qualifiers)
                if (std::find(separators.begin(), separators.end(), snak.property) !=
                    separators.end())
                    out.insert(snak.type == runner::entity::SnakType::somevalue
                                   ? std::string{statement.guid}
                                   : std::string{snak.hash});
            return out;
        };
        return of(a) == of(b);
    };
    const auto seed = GENERATE(range(1U, 31U));
    CAPTURE(seed);
    std::mt19937 random(seed);
    std::vector<std::string> names;
    for (int i = 0; i < 60; ++i)
        names.push_back("statement " + std::to_string(i));
    std::vector<StatementText> statements;
    constexpr std::array ranks{"normal", "normal", "preferred", "deprecated"};
    for (const auto& name : names) {
        std::vector<std::string> qualifiers;
        for (unsigned n = random() % 4; n > 0; --n) {
            const std::string prop = "P" + std::to_string(5 + random() % 3);
            if (random() % 12 == 0)
                qualifiers.push_back(
                    missing_snak(prop, random() % 2 == 0 ? "somevalue" : "novalue"));
            else
                qualifiers.push_back(entity_snak(prop, "Q" + std::to_string(1 + random() % 2)));
        }
        const auto most = seed % 2 == 0 ? 4U : 2U; // with and without preferred ones
        statements.push_back(
            {name, string_snak("P2", name), std::move(qualifiers), {}, ranks[random() % most]});
    }
    const auto document = read(statements);
    const EntityIndex index(document->entity());
    const std::vector<runner::entity::PropertyId> separators{property("P7"), property("P5")};
    const bool has_preferred = index.counts(property("P2")).preferred != 0;
    using runner::entity::Rank;
    for (const auto grouping : {Grouping::non_deprecated, Grouping::best_rank}) {
        for (const auto& statement : document->entity().statements) {
            std::uint32_t expected = 0;
            for (const auto& other : document->entity().statements) {
                const bool counts = grouping == Grouping::best_rank && has_preferred
                                        ? other.rank == Rank::preferred
                                        : other.rank != Rank::deprecated;
                if (counts && (&other == &statement || same(statement, other, separators)))
                    ++expected;
            }
            CHECK(index.same_separators(statement, grouping, separators) == expected);
        }
    }
}

TEST_CASE("snaks beside a snak are found alike in short and long lists", "[checks]") {
    const auto length = GENERATE(1U, 5U, 15U, 16U, 17U, 200U);
    CAPTURE(length);
    std::vector<std::string> qualifiers;
    for (unsigned i = 0; i < length; ++i)
        qualifiers.push_back(i % 5 == 0
                                 ? missing_snak("P" + std::to_string(1 + i % 10), "novalue")
                                 : string_snak("P" + std::to_string(1 + i % 7), std::to_string(i)));
    const auto document = read({text("a", "P2", "normal", qualifiers), text("b", "P2")});
    const EntityIndex index(document->entity());
    const auto& statements = document->entity().statements;
    const auto snaks = statements[0].qualifiers;
    for (unsigned number = 1; number <= 11; ++number) {
        const runner::entity::PropertyId wanted{number};
        std::uint32_t count = 0;
        const runner::entity::Snak* first = nullptr;
        for (const auto& snak : snaks) {
            if (snak.property != wanted)
                continue;
            ++count;
            if (first == nullptr && snak.type == runner::entity::SnakType::value)
                first = &snak;
        }
        CHECK(index.beside(snaks, wanted).count == count);
        CHECK(index.beside(snaks, wanted).first_value == first);
        CHECK(index.beside(statements[1].qualifiers, wanted).count == 0);
    }
}
