// SPDX-License-Identifier: GPL-2.0-or-later
// One entity of a batch that can't be read costs no other its answer, whatever the source.
#include "source/entity_unavailable.hpp"
#include "source/load_or_explain.hpp"
#include "source/php_answer.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <set>

using namespace runner::source;
using runner::entity::EntityId;

namespace {

EntityId id(const char* text) { return EntityId::parse(text).value(); }

/// A wiki that fails in a way of each entity.
class Wiki final : public EntitySource {
public:
    std::set<EntityId> broken;  ///< documents that can't be read
    std::set<EntityId> failing; ///< pages at which the wiki fails
    bool away = false;
    int batches = 0;

    std::vector<Lookup> load(std::span<const EntityId> ids, std::uint64_t) override {
        ++batches;
        if (away)
            throw SourceUnavailable("the wiki is away");
        std::vector<Lookup> out;
        for (const EntityId& each : ids) {
            if (broken.contains(each))
                throw runner::base::DataError("rank: \"best\"");
            if (failing.contains(each))
                throw EntityUnavailable("HTTP status 500");
            out.push_back({.id = each, .state = State::missing, .revision = 7});
        }
        return out;
    }
};

} // namespace

TEST_CASE("a batch is loaded at once, and one by one when one of it can't be read") {
    Wiki wiki;
    const std::array<EntityId, 3> ids{id("Q1"), id("Q2"), id("Q3")};
    auto found = load_or_explain(wiki, ids);
    CHECK(wiki.batches == 1);
    for (const ReadableLookup& each : found)
        CHECK(each.problem.empty());

    wiki.broken = {id("Q1")};
    wiki.failing = {id("Q3")};
    found = load_or_explain(wiki, ids);
    REQUIRE(found.size() == 3);
    CHECK(found[0].problem == "Q1 can't be read: rank: \"best\"");
    CHECK(found[0].lookup.id == id("Q1"));
    CHECK(found[1].problem.empty());
    CHECK(found[1].lookup.revision == 7);
    CHECK(found[2].problem == "Q3 can't be read: HTTP status 500");
}

TEST_CASE("a wiki that is away is no fault of an entity") {
    Wiki wiki;
    wiki.away = true;
    const std::array<EntityId, 2> ids{id("Q1"), id("Q2")};
    CHECK_THROWS_AS(load_or_explain(wiki, ids), SourceUnavailable);
    CHECK_THROWS_AS(load_or_explain(wiki, std::span(ids).first(1)), SourceUnavailable);
    CHECK(load_or_explain(wiki, {}).empty());
}

TEST_CASE("a document that a PHP worker gives and that can't be read is the fault of its entity") {
    const std::array<EntityId, 1> ids{id("Q1")};
    CHECK_THROWS_AS(
        parse_php_answer(R"({"entities":[{"id":"Q1","state":"found","document":{"id":1}}]})", ids),
        EntityUnavailable);
}
