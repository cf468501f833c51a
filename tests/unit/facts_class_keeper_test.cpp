// SPDX-License-Identifier: GPL-2.0-or-later
// The graph of classes with a keeper: what is kept is not asked for again, and of two revisions
// the newer one answers.
#include "facts/class_table.hpp"
#include "facts_wiki.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

using namespace runner;
using namespace tests;
using namespace std::chrono_literals;
using facts::ClassGraph;
using results::ClassNode;
using results::KeptClass;

namespace {

class Keeper final : public facts::ClassKeeper {
public:
    std::map<EntityId, KeptClass> kept;
    std::size_t asked = 0;
    bool away = false;

    std::vector<KeptClass> find(std::span<const EntityId> classes) override {
        asked += classes.size();
        std::vector<KeptClass> out;
        for (const EntityId& wanted : classes)
            if (const auto at = kept.find(wanted); at != kept.end() && !away)
                out.push_back(at->second);
        return out;
    }
    void keep(std::vector<ClassNode> classes) override {
        for (ClassNode& node : classes)
            if (!away) {
                const EntityId key = node.id;
                kept[key] = {std::move(node), 0ms};
            }
    }
    void flush() override {}
    std::vector<KeptClass> all() const {
        std::vector<KeptClass> out;
        for (const auto& [key, one] : kept)
            out.push_back(one);
        return out;
    }
    void put(const std::string& item, const Names& superclasses, std::uint64_t revision,
             std::chrono::milliseconds age = 0ms) {
        ClassNode node{id(item), revision, ClassNode::State::found, {}};
        for (const auto& superclass : superclasses)
            node.superclasses.push_back(id(superclass));
        kept[id(item)] = {node, age};
    }
};

struct Fixture {
    Wiki wiki;
    std::shared_ptr<Keeper> keeper = std::make_shared<Keeper>();
    ClassGraph graph{{279}, hour, keeper};
};

} // namespace

TEST_CASE("ids as codes: items are their numbers, every id comes back") {
    CHECK(entity::code_of(id("Q42")) == 42);
    for (const char* text : {"Q1", "Q2147483647", "P31", "L7", "L7-F1", "L2147483647-F2147483647",
                             "L7-S2", "L2147483647-S1", "M5", "E9"})
        CHECK(entity::id_of(entity::code_of(id(text))) == id(text));
}

TEST_CASE("class table: many classes are found again, and cost little memory") {
    facts::ClassTable table;
    constexpr std::uint32_t count = 200'000;
    const auto item = [](std::uint32_t n) {
        return EntityId{entity::EntityType::item, n * 7 % 2'000'003 + 1, 0};
    };
    for (std::uint32_t n = 0; n < count; ++n) {
        const std::vector<EntityId> above{item(n / 2)};
        table.set_edges(table.number(item(n)), above);
    }
    CHECK(table.size() == count);
    CHECK(table.edge_count() == count);
    std::size_t right = 0;
    for (std::uint32_t n = 0; n < count; ++n) {
        const auto number = table.find(item(n));
        right += number && table[*number].id() == item(n) &&
                 table[table.edges(table[*number]).front()].id() == item(n / 2);
    }
    CHECK(right == count);
    CHECK_FALSE(table.find(id("P1")));
    CHECK(table.bytes() < count * 52);
}

TEST_CASE("class graph: what was kept is not asked for again by the next graph") {
    Fixture f;
    f.wiki.put("Q1", {"Q2"});
    f.wiki.put("Q2", {"Q3", "Q4"});
    f.wiki.redirects[id("Q3")] = id("Q5");
    f.wiki.put("Q5", {"Q6"});
    const Names expected{"Q2", "Q3", "Q4", "Q6"};
    CHECK(above(f.graph, "Q1", f.wiki) == expected);
    CHECK(f.keeper->kept.size() == 6); // Q4 and Q6 as missing
    const auto asked = f.wiki.asked;
    f.wiki.away = true;

    ClassGraph loaded({279}, hour, f.keeper);
    loaded.take(f.keeper->all());
    CHECK(loaded.size().classes == 6);
    CHECK(above(loaded, "Q1", f.wiki) == expected);
    ClassGraph lazy({279}, hour, f.keeper); // whose loading has not come that far yet
    CHECK(above(lazy, "Q1", f.wiki) == expected);
    CHECK(f.wiki.asked == asked);
}

TEST_CASE("class graph: what was kept too long ago is read again, in one batch a step") {
    Fixture f;
    f.wiki.put("Q1", {"Q2", "Q3"}, 5);
    f.wiki.put("Q2", {"Q8"}, 5);
    f.wiki.put("Q3", {}, 5);
    f.wiki.put("Q8", {}, 5);
    f.keeper->put("Q1", {"Q2", "Q3"}, 5, 10min);
    f.keeper->put("Q2", {"Q9"}, 4, 61min);
    f.keeper->put("Q3", {"Q9"}, 4, 24h);
    f.keeper->put("Q9", {}, 4, 24h * 400);
    f.graph.take(f.keeper->all());
    f.wiki.away = true;
    CHECK_THROWS_AS(above(f.graph, "Q1", f.wiki), source::SourceUnavailable);
    f.wiki.away = false;
    CHECK(above(f.graph, "Q1", f.wiki) == Names{"Q2", "Q3", "Q8"});
    CHECK(f.wiki.batches == 2); // Q2 with Q3, then Q8
    CHECK(f.wiki.asked == 3);
}

TEST_CASE("class graph: a class is read again when its own age is up, not that of an answer") {
    Fixture f;
    f.wiki.put("Q2", {"Q4"}, 6);
    f.keeper->put("Q1", {"Q2"}, 5, 1min);
    f.keeper->put("Q2", {"Q3"}, 5, 60min - 400ms);
    f.keeper->put("Q3", {}, 5, 1min);
    f.keeper->put("Q4", {}, 5, 1min);
    f.graph.take(f.keeper->all());
    CHECK(above(f.graph, "Q1", f.wiki) == Names{"Q2", "Q3"});
    f.keeper->kept.erase(id("Q2"));
    const auto until = std::chrono::steady_clock::now() + 5s;
    while (f.wiki.asked == 0 && std::chrono::steady_clock::now() < until)
        (void)above(f.graph, "Q1", f.wiki);
    CHECK(f.wiki.asked == 1);
    CHECK(above(f.graph, "Q1", f.wiki) == Names{"Q2", "Q4"});
}

TEST_CASE("class graph: an older revision never takes the place of a newer one") {
    Fixture f;
    f.wiki.put("Q1", {"Q2"}, 5);
    CHECK(above(f.graph, "Q1", f.wiki) == Names{"Q2"});
    const auto newer = R"({"id":"Q1","claims":{"P279":[)" + link("P279", "Q3", "normal") + "]}}";
    f.graph.changed(id("Q1"), 7, &entity::parse_entity(newer)->entity());
    CHECK(above(f.graph, "Q1", f.wiki) == Names{"Q3"});

    f.keeper->put("Q1", {"Q4"}, 6);
    f.graph.take(f.keeper->all());
    CHECK(above(f.graph, "Q1", f.wiki) == Names{"Q3"});
    f.keeper->put("Q1", {"Q5"}, 8);
    f.graph.take(f.keeper->all());
    CHECK(above(f.graph, "Q1", f.wiki) == Names{"Q5"});
    f.graph.changed(id("Q1"), 7, &entity::parse_entity(newer)->entity());
    CHECK(above(f.graph, "Q1", f.wiki) == Names{"Q5"});
}

TEST_CASE("class graph: a change by another runner is taken from the keeper, not from a source "
          "that lags") {
    Fixture f;
    f.wiki.put("Q1", {"Q2"}, 5);
    CHECK(above(f.graph, "Q1", f.wiki) == Names{"Q2"});
    f.keeper->put("Q1", {"Q3"}, 6); // what the other one has stored
    f.graph.changed(id("Q1"), 6, nullptr);
    const auto asked = f.wiki.asked;
    CHECK(above(f.graph, "Q1", f.wiki) == Names{"Q3"});
    CHECK(f.wiki.asked == asked + 1); // Q3 alone

    f.keeper->away = true;
    f.graph.changed(id("Q1"), 9, nullptr);
    CHECK(above(f.graph, "Q1", f.wiki) == Names{"Q2"}); // nobody has it: what the source has
    f.wiki.put("Q1", {"Q4"}, 9);
    f.graph.changed(id("Q1"), 9, nullptr);
    CHECK(above(f.graph, "Q1", f.wiki) == Names{"Q4"});
}

TEST_CASE("class graph: a source that lags behind a document does not undo it") {
    Wiki wiki;
    wiki.put("Q1", {"Q2"}, 5);
    ClassGraph graph({279}, 0s); // everything is read again each time
    CHECK(above(graph, "Q1", wiki) == Names{"Q2"});
    const auto newer = R"({"id":"Q1","claims":{"P279":[)" + link("P279", "Q3", "normal") + "]}}";
    graph.changed(id("Q1"), 7, &entity::parse_entity(newer)->entity());
    CHECK(above(graph, "Q1", wiki) == Names{"Q3"});
    wiki.put("Q1", {"Q4"}, 8);
    CHECK(above(graph, "Q1", wiki) == Names{"Q4"});
}

TEST_CASE("class graph: a document of a class that is only mentioned yet is enough") {
    Fixture f;
    f.keeper->put("Q1", {"Q2"}, 5);
    f.graph.take(f.keeper->all());
    CHECK(f.graph.contains(id("Q2")));
    CHECK_FALSE(f.graph.contains(id("Q3")));
    const auto document = R"({"id":"Q2","claims":{"P279":[)" + link("P279", "Q3", "normal") + "]}}";
    f.graph.changed(id("Q2"), 7, &entity::parse_entity(document)->entity());
    CHECK(above(f.graph, "Q1", f.wiki) == Names{"Q2", "Q3"});
    CHECK(f.wiki.asked == 1); // Q3
}

TEST_CASE("class graph: a class that goes, becomes a redirect, or comes back") {
    Fixture f;
    f.wiki.put("Q1", {"Q2"}, 5);
    f.wiki.put("Q2", {"Q3"}, 5);
    f.wiki.put("Q8", {"Q9"}, 5);
    CHECK(above(f.graph, "Q1", f.wiki) == Names{"Q2", "Q3"});
    f.graph.gone(id("Q2"), std::nullopt);
    CHECK(above(f.graph, "Q1", f.wiki) == Names{"Q2"});
    f.graph.gone(id("Q2"), id("Q8"));
    CHECK(above(f.graph, "Q1", f.wiki) == Names{"Q2", "Q9"}); // the target is not what is written

    const auto edited = R"({"id":"Q8","claims":{"P279":[)" + link("P279", "Q7", "normal") + "]}}";
    f.graph.changed(id("Q8"), 6, &entity::parse_entity(edited)->entity());
    CHECK(above(f.graph, "Q1", f.wiki) == Names{"Q2", "Q7"});

    const auto back = entity::parse_entity(f.wiki.entities[id("Q2")]);
    f.graph.changed(id("Q2"), 5, &back->entity()); // restored at its last revision
    CHECK(above(f.graph, "Q1", f.wiki) == Names{"Q2", "Q3"});
    f.graph.gone(id("Q77"), std::nullopt); // was never a class
    CHECK_FALSE(f.graph.contains(id("Q77")));
}

TEST_CASE("class graph: a target of a redirect that is a superclass too counts as one") {
    Wiki wiki;
    wiki.put("Q1", {"Q10", "Q2"});
    wiki.redirects[id("Q10")] = id("Q2");
    wiki.put("Q2", {"Q3"});
    ClassGraph graph({279}, hour);
    CHECK(above(graph, "Q1", wiki) == Names{"Q2", "Q3", "Q10"});
}

TEST_CASE("class graph: a chain of 100,000 classes asks the wiki for nothing and stays small") {
    Fixture f;
    constexpr std::uint32_t length = 100'000;
    std::vector<KeptClass> chain;
    for (std::uint32_t n = 1; n <= length; ++n)
        chain.push_back({{{entity::EntityType::item, n, 0},
                          1,
                          ClassNode::State::found,
                          {{entity::EntityType::item, n + 1, 0}}},
                         0ms});
    chain.push_back(
        {{{entity::EntityType::item, length + 1, 0}, 1, ClassNode::State::found, {id("Q1")}},
         0ms}); // and round again
    f.graph.take(chain);
    CHECK(above(f.graph, "Q1", f.wiki).size() == length + 1);
    CHECK(above(f.graph, "Q50000", f.wiki).size() == length + 1);
    CHECK(f.graph.size().edges == length + 1);
    CHECK(f.graph.size().bytes < 6'000'000);
    CHECK(f.wiki.asked == 0);
}
