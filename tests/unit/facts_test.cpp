// SPDX-License-Identifier: GPL-2.0-or-later
// The graph of classes and the cache of linked entities.
#include "facts/entity_cache.hpp"
#include "facts/facts.hpp"
#include "facts_wiki.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <thread>
#include <vector>

using namespace runner;
using entity::EntityId;
using facts::ClassGraph;
using namespace tests;

namespace {

std::vector<facts::Target> targets_of(facts::EntityCache& cache, std::span<const EntityId> ids,
                                      source::EntitySource& wiki) {
    std::vector<facts::Observation> observed;
    return cache.get(ids, wiki, observed);
}

} // namespace

TEST_CASE("class graph: superclasses at any distance, each once") {
    Wiki wiki;
    wiki.put("Q1", {"Q2", "Q3"});
    wiki.put("Q2", {"Q4"});
    wiki.put("Q3", {"Q4"});
    wiki.put("Q4", {"Q5"});
    ClassGraph graph({279}, hour);
    CHECK(above(graph, "Q1", wiki) == Names{"Q2", "Q3", "Q4", "Q5"});
    CHECK(above(graph, "Q4", wiki) == Names{"Q5"});
    CHECK(above(graph, "Q5", wiki).empty());
}

TEST_CASE("class graph: a class in a cycle is above itself, and the walk ends") {
    Wiki wiki;
    wiki.put("Q1", {"Q2"});
    wiki.put("Q2", {"Q3"});
    wiki.put("Q3", {"Q1"});
    wiki.put("Q9", {"Q9"});
    ClassGraph graph({279}, hour);
    CHECK(above(graph, "Q1", wiki) == Names{"Q1", "Q2", "Q3"});
    CHECK(above(graph, "Q9", wiki) == Names{"Q9"});
}

TEST_CASE("class graph: known classes are not loaded again, the rest in one batch per level") {
    Wiki wiki;
    wiki.put("Q1", {"Q3"});
    wiki.put("Q2", {"Q3"});
    wiki.put("Q3", {"Q4"});
    ClassGraph graph({279}, hour);
    const std::vector<EntityId> both{id("Q1"), id("Q2")};
    const auto first = superclasses_of(graph, both, wiki);
    CHECK(wiki.batches == 3); // Q1 and Q2, Q3, Q4
    CHECK(wiki.asked == 4);
    CHECK(superclasses_of(graph, both, wiki) == first);
    CHECK(above(graph, "Q3", wiki) == Names{"Q4"});
    CHECK(wiki.asked == 4);
    CHECK(graph.size().classes == 4);
    CHECK(graph.size().edges == 3);
}

TEST_CASE("class graph: best-ranked statements only; other values are passed over") {
    Wiki wiki;
    wiki.put_json("Q1", "[" + link("P279", "Q2", "normal") + "," + link("P279", "Q3", "preferred") +
                            "," + link("P279", "Q4", "deprecated") + "]");
    wiki.put_json("Q5", "[" + link("P279", "Q6", "normal") +
                            R"(,{"type":"statement","rank":"preferred","id":"x$1",)"
                            R"("mainsnak":{"snaktype":"somevalue","property":"P279"}}])");
    ClassGraph graph({279}, hour);
    CHECK(above(graph, "Q1", wiki) == Names{"Q3"});
    CHECK(above(graph, "Q5", wiki).empty()); // the preferred one hides the other
}

TEST_CASE("class graph: one redirect is followed, its id stays as it is written") {
    Wiki wiki;
    wiki.put("Q1", {"Q10"});
    wiki.redirects[id("Q10")] = id("Q11");
    wiki.put("Q11", {"Q12"});
    wiki.put("Q2", {"Q20"});
    wiki.redirects[id("Q20")] = id("Q21");
    wiki.redirects[id("Q21")] = id("Q11");
    ClassGraph graph({279}, hour);
    CHECK(above(graph, "Q1", wiki) == Names{"Q10", "Q12"});
    CHECK(above(graph, "Q2", wiki) == Names{"Q20"}); // a double redirect leads nowhere
}

TEST_CASE("class graph: a change is seen, whether its document is at hand or not") {
    Wiki wiki;
    wiki.put("Q1", {"Q2"});
    wiki.put("Q2", {"Q3"}, 5);
    ClassGraph graph({279}, hour);
    CHECK(above(graph, "Q1", wiki) == Names{"Q2", "Q3"});

    wiki.put("Q2", {"Q4"}, 6);
    graph.changed(id("Q2"), 5, nullptr); // known already
    CHECK(above(graph, "Q1", wiki) == Names{"Q2", "Q3"});
    graph.changed(id("Q2"), 6, nullptr);
    CHECK(above(graph, "Q1", wiki) == Names{"Q2", "Q4"});

    wiki.put("Q2", {"Q5"}, 7);
    const auto document = entity::parse_entity(wiki.entities[id("Q2")]);
    const auto asked = wiki.asked;
    graph.changed(id("Q2"), 7, &document->entity());
    CHECK(above(graph, "Q1", wiki) == Names{"Q2", "Q5"});
    CHECK(wiki.asked == asked + 1);       // only Q5 is new
    graph.changed(id("Q99"), 1, nullptr); // was never a class
    CHECK(above(graph, "Q1", wiki) == Names{"Q2", "Q5"});
}

TEST_CASE("class graph: an answer that is too old is asked for again") {
    Wiki wiki;
    wiki.put("Q1", {"Q2"});
    ClassGraph graph({279}, std::chrono::seconds(0));
    CHECK(above(graph, "Q1", wiki) == Names{"Q2"});
    wiki.put("Q1", {"Q3"});
    CHECK(above(graph, "Q1", wiki) == Names{"Q3"});
}

TEST_CASE("class graph: edges that are replaced do not pile up") {
    Wiki wiki;
    ClassGraph graph({279}, hour);
    std::vector<std::string> many;
    for (int i = 100; i < 700; ++i)
        many.push_back("Q" + std::to_string(i));
    wiki.put("Q1", many);
    wiki.put("Q2", {"Q1"});
    CHECK(above(graph, "Q2", wiki).size() == 601);
    for (std::uint64_t revision = 2; revision < 40; ++revision) {
        std::rotate(many.begin(), many.begin() + 1, many.end());
        wiki.put("Q1", many, revision);
        const auto document = entity::parse_entity(wiki.entities[id("Q1")]);
        graph.changed(id("Q1"), revision, &document->entity());
    }
    CHECK(above(graph, "Q2", wiki).size() == 601);
    CHECK(graph.size().edges == 601);
}

TEST_CASE("class graph: a source that is away is an error, and nothing is remembered of it") {
    Wiki wiki;
    wiki.put("Q1", {"Q2"});
    wiki.away = true;
    ClassGraph graph({279}, hour);
    CHECK_THROWS_AS(above(graph, "Q1", wiki), source::SourceUnavailable);
    wiki.away = false;
    CHECK(above(graph, "Q1", wiki) == Names{"Q2"});
}

TEST_CASE("class graph: a chain of many classes is walked to its end") {
    Wiki wiki;
    constexpr int length = 20'000;
    for (int i = 1; i <= length; ++i)
        wiki.put("Q" + std::to_string(i), {"Q" + std::to_string(i + 1)});
    ClassGraph graph({279}, hour);
    CHECK(above(graph, "Q1", wiki).size() == length);
}

TEST_CASE("ancestry: agrees with the lists of superclasses for every pair") {
    constexpr std::uint32_t classes = 60;
    std::mt19937 random(20);
    const auto any = [&] { return "Q" + std::to_string(1 + random() % classes); };
    for (int round = 0; round < 20; ++round) {
        Wiki wiki;
        std::vector<EntityId> ids;
        for (std::uint32_t i = 1; i <= classes; ++i) {
            const std::string name = "Q" + std::to_string(i);
            ids.push_back(id(name));
            if (random() % 4 == 0)
                wiki.redirects[id(name)] = id(any());
            else if (random() % 8 != 0) // the others are missing
                wiki.put(name, random() % 2 == 0 ? Names{any()} : Names{any(), any()});
        }
        ClassGraph graph({279}, hour);
        const auto lists = superclasses_of(graph, ids, wiki);
        const auto ancestry = ancestry_of(graph, ids);
        std::size_t below = 0;
        for (std::size_t i = 0; i < ids.size(); ++i)
            for (const EntityId& wanted : ids) {
                const bool listed = std::binary_search(lists[i]->begin(), lists[i]->end(), wanted);
                CHECK(ancestry->is_below(ids[i], {&wanted, 1}) == listed);
                below += listed ? 1 : 0;
            }
        CHECK(below > 0);
    }
}

TEST_CASE("class graph: lists that would be too long together are not made") {
    Wiki wiki;
    constexpr std::size_t length = 2'000;
    std::vector<EntityId> ids;
    for (std::size_t i = 1; i <= length; ++i) {
        wiki.put("Q" + std::to_string(i), {"Q" + std::to_string(i + 1)});
        ids.push_back(id("Q" + std::to_string(i)));
    }
    ClassGraph graph({279}, hour);
    CHECK(superclasses_of(graph, ids, wiki).empty()); // two million
    const std::vector<EntityId> wanted{id("Q1000"), id("Q3000")};
    const auto ancestry = ancestry_of(graph, ids);
    CHECK(ancestry->size() == length + 1);
    CHECK(ancestry->is_below(id("Q999"), wanted));
    CHECK_FALSE(ancestry->is_below(id("Q1000"), wanted));
    CHECK_FALSE(ancestry->is_below(id("Q4000"), wanted)); // not met
    CHECK_FALSE(ancestry->is_below(id("Q999"), {}));
}

TEST_CASE("class graph: many threads may ask and tell") {
    Wiki wikis[4];
    for (Wiki& wiki : wikis)
        for (int i = 1; i < 300; ++i)
            wiki.put("Q" + std::to_string(i),
                     {"Q" + std::to_string(i + 1), "Q" + std::to_string(i / 2 + 300)});
    ClassGraph graph({279}, hour);
    std::vector<std::thread> threads;
    std::array<std::size_t, 4> sizes{};
    for (std::size_t t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            for (int i = 299; i > 0; --i) {
                const std::vector<EntityId> one{id("Q" + std::to_string(i))};
                sizes[t] = superclasses_of(graph, one, wikis[t]).front()->size();
                graph.changed(one.front(), 0, nullptr);
            }
        });
    for (std::thread& thread : threads)
        thread.join();
    CHECK(sizes[0] > 400);
    for (const std::size_t size : sizes)
        CHECK(size == sizes[0]);
}

TEST_CASE("entity cache: linked entities with redirects followed once, missing ones told") {
    Wiki wiki;
    wiki.put("Q1", {}, 7);
    wiki.redirects[id("Q2")] = id("Q1");
    wiki.redirects[id("Q3")] = id("Q2");
    facts::EntityCache cache(1 << 20, hour, {2302});
    const std::vector<EntityId> ids{id("Q1"), id("Q2"), id("Q3"), id("Q4")};
    const auto targets = targets_of(cache, ids, wiki);
    REQUIRE(targets.size() == 4);
    CHECK(targets[0].entity->id == id("Q1"));
    CHECK(targets[0].revision == 7);
    CHECK(targets[1].asked == id("Q2"));
    CHECK(targets[1].entity->id == id("Q1"));
    CHECK(targets[2].entity == nullptr); // a double redirect
    CHECK(targets[3].entity == nullptr);
    const auto asked = wiki.asked;
    CHECK(targets_of(cache, ids, wiki)[1].entity->id == id("Q1"));
    CHECK(wiki.asked == asked);

    facts::Facts gathered;
    gathered.set_targets(targets);
    CHECK(gathered.target(id("Q2"))->id == id("Q1"));
    CHECK(gathered.revision(id("Q1")) == 7);
    CHECK(gathered.revision(id("Q2")) == 0); // a redirect is not its target
    CHECK(gathered.target(id("Q4")) == nullptr);
}

TEST_CASE("entity cache: older revisions are forgotten, newer ones kept") {
    Wiki wiki;
    wiki.put("Q1", {}, 7);
    facts::EntityCache cache(1 << 20, hour, {2302});
    const std::vector<EntityId> ids{id("Q1")};
    CHECK(targets_of(cache, ids, wiki).front().revision == 7);
    wiki.put("Q1", {}, 8);
    cache.changed(id("Q1"), 7);
    CHECK(targets_of(cache, ids, wiki).front().revision == 7);
    cache.changed(id("Q1"), 8);
    CHECK(targets_of(cache, ids, wiki).front().revision == 8);
}

TEST_CASE("entity cache: it stays within its bytes, the longest unused goes first") {
    Wiki wiki;
    for (int i = 1; i <= 50; ++i)
        wiki.put("Q" + std::to_string(i), {"Q1000", "Q1001"});
    facts::EntityCache cache(10 * 1024, hour, {2302});
    const std::vector<EntityId> first{id("Q1")};
    for (int i = 1; i <= 50; ++i) {
        const std::vector<EntityId> one{id("Q" + std::to_string(i))};
        (void)targets_of(cache, one, wiki);
        (void)targets_of(cache, first, wiki); // in use all the time
    }
    const auto asked = wiki.asked;
    (void)targets_of(cache, first, wiki);
    CHECK(wiki.asked == asked);
    const std::vector<EntityId> second{id("Q2")};
    (void)targets_of(cache, second, wiki);
    CHECK(wiki.asked == asked + 1);
}
