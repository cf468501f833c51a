// SPDX-License-Identifier: GPL-2.0-or-later
// The graph of classes in the database: what is kept comes back, the newer revision stays, and a
// check's result carries what its entity says as a class.
#include "database.hpp"
#include "store/common/listener.hpp"
#include "store/results/class_changes.hpp"
#include "store/results/class_store.hpp"
#include "store/results/result_store.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

using namespace runner;
using namespace std::chrono_literals;
using results::ClassNode;
using store::ClassRow;
using tests::completed;
using tests::Database;
using tests::result;
using Rows = std::vector<std::string>;

namespace {

entity::EntityId id(std::string_view text) { return entity::EntityId::parse(text).value(); }

ClassNode node(std::string_view of, std::uint64_t revision, const Rows& superclasses,
               ClassNode::State state = ClassNode::State::found) {
    ClassNode made{id(of), revision, state, {}};
    for (const auto& superclass : superclasses)
        made.superclasses.push_back(id(superclass));
    return made;
}

ClassRow row(ClassNode made, std::chrono::milliseconds age = 0ms, std::string wiki = "testwiki") {
    return {std::move(wiki), {std::move(made), age}};
}

std::map<entity::EntityId, ClassNode> all(store::ClassStore& classes, const std::string& wiki,
                                          std::size_t piece = 20'000) {
    std::map<entity::EntityId, ClassNode> found;
    classes.load(
        wiki,
        [&](std::span<const results::KeptClass> some) {
            CHECK(some.size() <= piece);
            for (const auto& kept : some)
                CHECK(found.emplace(kept.node.id, kept.node).second);
        },
        piece);
    return found;
}

results::StoredResult as_class(ClassNode made, bool is_class) {
    auto stored = result(made.id.to_string(), made.revision);
    stored.deleted = made.state != ClassNode::State::found;
    stored.class_node = std::move(made);
    stored.is_class = is_class;
    return stored;
}

void put(store::ResultStore& results, results::StoredResult stored, std::uint64_t check) {
    (void)results.store(std::vector{completed(std::move(stored), check)});
}

struct Fixture {
    const Database database;
    store::Session session{database.options()};
    store::ClassStore classes{session};
    store::ResultStore results{session};
};

} // namespace

TEST_CASE("classes of every kind come back as they were, each wiki its own") {
    Fixture f;
    const std::vector<ClassNode> nodes{node("Q5", 17, {"Q7", "Q6"}),
                                       node("Q6", 4'000'000'000, {}),
                                       node("Q7", 0, {}, ClassNode::State::missing),
                                       node("Q8", 3, {"Q5"}, ClassNode::State::redirect),
                                       node("L7-F1", 9, {"L2147483647-S1", "P31", "Q2147483647"}),
                                       node("P31", 1, {"Q5"})};
    std::vector<ClassRow> rows{row(node("Q5", 3, {"Q1"}), 0ms, "otherwiki")};
    for (const ClassNode& each : nodes)
        rows.push_back(row(each));
    f.classes.keep(rows);
    f.classes.keep({});

    const auto loaded = all(f.classes, "testwiki", 2);
    REQUIRE(loaded.size() == nodes.size());
    for (const ClassNode& each : nodes)
        CHECK(loaded.at(each.id) == each);
    CHECK(all(f.classes, "otherwiki").at(id("Q5")) == node("Q5", 3, {"Q1"}));
    CHECK(all(f.classes, "thirdwiki").empty());

    const std::vector asked{id("Q8"), id("Q99"), id("L7-F1")};
    const auto found = f.classes.find("testwiki", asked);
    REQUIRE(found.size() == 2);
    CHECK(f.classes.find("otherwiki", asked).empty());
    CHECK(f.classes.find("testwiki", {}).empty());
}

TEST_CASE("the age of a class is that of its reading") {
    Fixture f;
    f.classes.keep(std::vector{row(node("Q5", 1, {}), 90min), row(node("Q6", 1, {}))});
    const std::vector asked{id("Q5"), id("Q6")};
    for (const auto& kept : f.classes.find("testwiki", asked)) {
        const auto written = kept.node.id == id("Q5") ? 90min : 0min;
        CHECK(kept.age >= written);
        CHECK(kept.age < written + 1min);
    }
}

TEST_CASE("the newer revision of a class stays, of equal ones what was read later") {
    Fixture f;
    const auto now = [&] { return all(f.classes, "testwiki").at(id("Q5")); };
    f.classes.keep(std::vector{row(node("Q5", 7, {"Q7"}), 1h)});
    f.classes.keep(std::vector{row(node("Q5", 6, {"Q6"}))});
    CHECK(now() == node("Q5", 7, {"Q7"}));
    f.classes.keep(std::vector{row(node("Q5", 7, {"Q8"}), 2h)});
    CHECK(now() == node("Q5", 7, {"Q7"}));
    f.classes.keep(std::vector{row(node("Q5", 7, {"Q7", "Q8"}), 30min)});
    CHECK(now() == node("Q5", 7, {"Q7", "Q8"}));
    f.classes.keep(std::vector{row(node("Q5", 9, {"Q9"}), 2h)}); // newer, however late it comes
    CHECK(now() == node("Q5", 9, {"Q9"}));

    f.classes.keep(std::vector{row(node("Q5", 0, {}, ClassNode::State::missing), 3h)});
    CHECK(now() == node("Q5", 9, {"Q9"})); // it was missing before that
    f.classes.keep(std::vector{row(node("Q5", 0, {}, ClassNode::State::missing), 10min)});
    CHECK(now() == node("Q5", 9, {}, ClassNode::State::missing));
    f.classes.keep(std::vector{row(node("Q5", 8, {"Q8"}))});
    CHECK(now().state == ClassNode::State::missing); // of before it went
    f.classes.keep(std::vector{row(node("Q5", 9, {"Q9"}))});
    CHECK(now() == node("Q5", 9, {"Q9"})); // restored
}

TEST_CASE("one batch may bring a class twice: the newest counts") {
    Fixture f;
    f.classes.keep(std::vector{row(node("Q5", 7, {"Q7"})), row(node("Q6", 1, {})),
                               row(node("Q5", 9, {"Q9"})), row(node("Q5", 8, {"Q8"}))});
    CHECK(all(f.classes, "testwiki").at(id("Q5")) == node("Q5", 9, {"Q9"}));
}

TEST_CASE("a check stores what its entity says as a class, if it is one") {
    Fixture f;
    put(f.results, as_class(node("Q5", 3, {"Q6"}), false), 1); // nobody says that it is a class
    CHECK(all(f.classes, "testwiki").empty());
    put(f.results, as_class(node("Q5", 4, {"Q6"}), true), 2); // memory does
    CHECK(all(f.classes, "testwiki").at(id("Q5")) == node("Q5", 4, {"Q6"}));
    put(f.results, as_class(node("Q5", 5, {"Q7"}), false), 3); // the database does
    CHECK(all(f.classes, "testwiki").at(id("Q5")) == node("Q5", 5, {"Q7"}));
    put(f.results, as_class(node("Q5", 4, {"Q6"}), true), 4); // too late
    CHECK(all(f.classes, "testwiki").at(id("Q5")) == node("Q5", 5, {"Q7"}));
    put(f.results, as_class(node("Q5", 5, {"Q8"}, ClassNode::State::redirect), true), 5);
    CHECK(all(f.classes, "testwiki").at(id("Q5")).state == ClassNode::State::redirect);
    put(f.results, result("Q5", 6), 6); // from a check that says nothing of it
    CHECK(all(f.classes, "testwiki").at(id("Q5")).state == ClassNode::State::redirect);
}

TEST_CASE("a deleted class stays known as missing, and comes back with its restored revision") {
    Fixture f;
    f.classes.keep(std::vector{row(node("Q5", 4, {"Q6"}), 1h)});
    put(f.results, as_class(node("Q5", 0, {}, ClassNode::State::missing), false), 1);
    CHECK(all(f.classes, "testwiki").at(id("Q5")) == node("Q5", 4, {}, ClassNode::State::missing));
    put(f.results, as_class(node("Q5", 4, {"Q6"}), false), 2);
    CHECK(all(f.classes, "testwiki").at(id("Q5")) == node("Q5", 4, {"Q6"}));
}

TEST_CASE("what was read before a class went does not bring it back, however late it is written") {
    Fixture f;
    put(f.results, as_class(node("Q5", 0, {}, ClassNode::State::missing), true), 1);
    f.classes.keep(std::vector{row(node("Q5", 7, {"Q6"}), 1h)}); // the write behind an older job
    CHECK(all(f.classes, "testwiki").at(id("Q5")).state == ClassNode::State::missing);
}

TEST_CASE("the class of a result is stored with it or not at all") {
    Fixture f;
    f.classes.keep(std::vector{row(node("Q5", 4, {"Q6"}))});
    auto bad = as_class(node("Q5", 5, {"Q7"}), true);
    bad.value = "no JSON";
    put(f.results, std::move(bad), 1);
    CHECK(all(f.classes, "testwiki").at(id("Q5")) == node("Q5", 4, {"Q6"}));
}

TEST_CASE("other runners hear of a class whose superclasses changed, and of no other") {
    Fixture f;
    f.classes.keep(std::vector{row(node("Q5", 4, {"Q6"})), row(node("Q6", 4, {}))});
    put(f.results, as_class(node("Q5", 5, {"Q6"}), true), 1);
    put(f.results, as_class(node("Q6", 5, {"Q7"}), false), 2);
    put(f.results, as_class(node("Q5", 0, {}, ClassNode::State::missing), true), 3);
    const auto news = store::recent_class_changes(f.session);
    REQUIRE(news.size() == 2);
    CHECK(news[0].entity == id("Q6"));
    CHECK(news[0].revision == 5);
    CHECK(news[1].entity == id("Q5"));
    CHECK(news[1].revision == 0); // whatever is known is old
}

TEST_CASE("edges of classes follow what was stored last, from checks and from reading") {
    Fixture f;
    const auto edges = [&](const std::string& wiki = "testwiki") {
        return f.database.rows("SELECT class, superclass FROM constraint_runner.class_edge "
                               "WHERE wiki = '" +
                               wiki + "' ORDER BY 1, 2");
    };
    put(f.results, as_class(node("Q5", 3, {"Q6", "Q7", "Q6"}), false), 1); // asked for by no check
    CHECK(edges() == Rows{"Q5|Q6", "Q5|Q7"});
    put(f.results, as_class(node("Q5", 4, {"Q7", "Q8"}), false), 2);
    CHECK(edges() == Rows{"Q5|Q7", "Q5|Q8"});
    put(f.results, as_class(node("Q5", 3, {"Q6"}), false), 3); // too late
    CHECK(edges() == Rows{"Q5|Q7", "Q5|Q8"});
    put(f.results, as_class(node("Q5", 5, {"Q9"}), true), 4);
    CHECK(edges() == Rows{"Q5|Q9"});

    f.classes.keep(std::vector{row(node("Q6", 7, {"Q8"})), row(node("Q5", 4, {"Q7"}), 1h),
                               row(node("Q5", 6, {"Q1"}), 0ms, "otherwiki")});
    CHECK(edges() == Rows{"Q5|Q9", "Q6|Q8"}); // the older one of Q5 was not kept
    CHECK(edges("otherwiki") == Rows{"Q5|Q1"});
    f.classes.keep(std::vector{row(node("Q6", 8, {}))});
    CHECK(edges() == Rows{"Q5|Q9"});
    put(f.results, as_class(node("Q5", 6, {"Q6"}, ClassNode::State::redirect), false), 5);
    CHECK(edges() == Rows{"Q5|Q6"}); // the instances of a redirect are those of its target
    put(f.results, as_class(node("Q5", 0, {}, ClassNode::State::missing), false), 6);
    CHECK(edges().empty());
    CHECK(edges("otherwiki") == Rows{"Q5|Q1"});
}
