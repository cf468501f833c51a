// SPDX-License-Identifier: GPL-2.0-or-later
// The index of an entity's statements, and the groups in which values are counted.
#include "checks/entity_index.hpp"
#include "entity_builders.hpp"

#include <catch2/catch.hpp>

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
