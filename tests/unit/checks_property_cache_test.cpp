// SPDX-License-Identifier: GPL-2.0-or-later
// The cache of properties: what it asks the source for, what it forgets, and which revision wins.
#include "checks/property_cache.hpp"
#include "checks/unit_converter.hpp"
#include "entity_builders.hpp"

#include <catch2/catch.hpp>

using namespace runner::checks;
using namespace runner::test;
using namespace std::chrono_literals;
using runner::entity::PropertyId;

namespace {

struct Fixture {
    runner::config::WikiSettings wiki;
    runner::constraints::Vocabulary vocabulary{wiki.ids};
    UnitConverter units{{}, wiki.concept_base_uri};
    CheckSettings settings{wiki, vocabulary, units, 0};
    MapSource source;

    void put(const char* name, std::size_t constraints, std::uint64_t revision) {
        source.put(text(name, constraints, revision));
    }
    static std::string text(const char* name, std::size_t constraints, std::uint64_t revision) {
        std::vector<ConstraintText> list;
        for (std::size_t i = 0; i < constraints; ++i)
            list.push_back({std::string{name} + "$" + std::to_string(i), "Q19474404"});
        return property_json(name, list, revision);
    }
    std::string get(PropertyCache& cache, const std::vector<const char*>& names) {
        std::vector<PropertyId> ids;
        for (const auto* name : names)
            ids.push_back(property(name));
        std::string out;
        for (const auto& checks : cache.get(ids, source))
            out += checks->id_text() + ":" + std::to_string(checks->constraints().size()) + " ";
        return out;
    }
};

} // namespace

TEST_CASE("properties are asked for once, in one batch", "[checks]") {
    Fixture f;
    f.put("P1", 1, 1);
    f.put("P2", 2, 1);
    PropertyCache cache(f.settings, 10, 1h);
    CHECK(f.get(cache, {"P2", "P1", "P3"}) == "P2:2 P1:1 P3:0 ");
    CHECK(f.get(cache, {"P1", "P3"}) == "P1:1 P3:0 ");
    REQUIRE(f.source.asked.size() == 1);
    CHECK(f.source.asked[0].size() == 3);
    CHECK(f.get(cache, {"P4", "P1"}) == "P4:0 P1:1 ");
    REQUIRE(f.source.asked.size() == 2);
    CHECK(f.source.asked[1].size() == 1);
}

TEST_CASE("the property that was not used for the longest time is forgotten", "[checks]") {
    Fixture f;
    PropertyCache cache(f.settings, 2, 1h);
    (void)f.get(cache, {"P1"});
    (void)f.get(cache, {"P2"});
    (void)f.get(cache, {"P1"});
    (void)f.get(cache, {"P3"}); // P2 goes
    CHECK(f.source.count() == 3);
    (void)f.get(cache, {"P1"});
    CHECK(f.source.count() == 3);
    (void)f.get(cache, {"P2"});
    CHECK(f.source.count() == 4);
}

TEST_CASE("a batch larger than the cache is served whole", "[checks]") {
    Fixture f;
    f.put("P1", 1, 1);
    f.put("P3", 3, 1);
    PropertyCache cache(f.settings, 1, 1h);
    CHECK(f.get(cache, {"P1", "P2", "P3"}) == "P1:1 P2:0 P3:3 ");
    CHECK(f.get(cache, {"P1", "P2", "P3"}) == "P1:1 P2:0 P3:3 ");
}

TEST_CASE("an old property is loaded again", "[checks]") {
    Fixture f;
    f.put("P1", 1, 1);
    PropertyCache cache(f.settings, 10, -1s); // older than that at once
    (void)f.get(cache, {"P1"});
    f.put("P1", 2, 2);
    CHECK(f.get(cache, {"P1"}) == "P1:2 ");
}

TEST_CASE("a change without a document makes it ask", "[checks]") {
    Fixture f;
    f.put("P1", 1, 1);
    PropertyCache cache(f.settings, 10, 1h);
    (void)f.get(cache, {"P1"});
    f.put("P1", 2, 2);
    cache.changed(property("P1"), 2, nullptr);
    CHECK(f.get(cache, {"P1"}) == "P1:2 ");
    CHECK(f.source.count() == 2);
    CHECK(f.get(cache, {"P1"}) == "P1:2 ");
    CHECK(f.source.count() == 2);
}

TEST_CASE("a change with its document is taken, nothing is asked", "[checks]") {
    Fixture f;
    PropertyCache cache(f.settings, 10, 1h);
    cache.changed(property("P1"), 5, runner::entity::parse_entity(Fixture::text("P1", 3, 5)));
    CHECK(f.get(cache, {"P1"}) == "P1:3 ");
    CHECK(f.source.count() == 0);
}

TEST_CASE("an older change is ignored", "[checks]") {
    Fixture f;
    PropertyCache cache(f.settings, 10, 1h);
    cache.changed(property("P1"), 5, runner::entity::parse_entity(Fixture::text("P1", 3, 5)));
    cache.changed(property("P1"), 4, runner::entity::parse_entity(Fixture::text("P1", 1, 4)));
    CHECK(f.get(cache, {"P1"}) == "P1:3 ");
    cache.changed(property("P1"), 4, nullptr);
    CHECK(f.get(cache, {"P1"}) == "P1:3 ");
    CHECK(f.source.count() == 0);
}

TEST_CASE("an answer of the source that lags behind a change is used, not kept", "[checks]") {
    Fixture f;
    f.put("P1", 1, 4);
    PropertyCache cache(f.settings, 10, 1h);
    cache.changed(property("P1"), 5, nullptr);
    CHECK(f.get(cache, {"P1"}) == "P1:1 ");
    f.put("P1", 2, 5);
    CHECK(f.get(cache, {"P1"}) == "P1:2 ");
    CHECK(f.source.count() == 2);
    (void)f.get(cache, {"P1"});
    CHECK(f.source.count() == 2);
}

TEST_CASE("an error of the source is passed on, and nothing is kept", "[checks]") {
    struct Broken final : runner::source::EntitySource {
        std::vector<runner::source::Lookup> load(std::span<const runner::entity::EntityId>,
                                                 std::uint64_t) override {
            throw runner::source::SourceUnavailable("away");
        }
    } broken;
    Fixture f;
    PropertyCache cache(f.settings, 10, 1h);
    const std::vector ids{property("P1")};
    CHECK_THROWS_AS(cache.get(ids, broken), runner::source::SourceUnavailable);
    CHECK(f.get(cache, {"P1"}) == "P1:0 ");
}
