// SPDX-License-Identifier: GPL-2.0-or-later
// Digests of entities, and the files of facts that a whole dump leaves.
#include "base/error.hpp"
#include "entity/digest.hpp"
#include "entity_builders.hpp"
#include "facts/class_graph.hpp"
#include "facts/fact_files.hpp"
#include "facts/value_files.hpp"
#include "temp_dir.hpp"

#include <catch2/catch.hpp>

#include <utility>

using namespace runner::facts;
using namespace runner::test;
using runner::entity::EntityId;
using runner::entity::EntityPtr;
using runner::entity::Rank;
using runner::entity::SnakType;
using runner::results::ValueKey;
using runner::source::LineKind;
using runner::source::State;

namespace {

const std::string time_text =
    R"({"time":"+1900-01-01T00:00:00Z","timezone":0,"before":0,"after":1,"precision":9,)"
    R"("calendarmodel":"http://www.wikidata.org/entity/Q1985727"})";

EntityPtr everything() {
    return runner::entity::parse_entity(
        entity_json("Q1",
                    {{"Q1$1", entity_snak("P31", "Q5"), {}, {}, "preferred"},
                     {"Q1$2", value_snak("P569", "time", time_text)},
                     {"Q1$3", value_snak("P570", "time", time_text)},
                     {"Q1$4", string_snak("P10", "text")},
                     {"Q1$5", missing_snak("P10", "somevalue"), {}, {}, "deprecated"},
                     {"Q1$6", missing_snak("P10", "novalue")},
                     {"Q1$7", entity_snak("P11", "L7-F2")}},
                    77));
}

std::string digest_of(const EntityPtr& document) {
    std::string bytes;
    runner::entity::append_digest(bytes, document->entity(), {{property("P569")}});
    return bytes;
}

ValueKey key(std::uint8_t first, std::uint8_t last) {
    ValueKey k{};
    k.front() = first;
    k.back() = last;
    return k;
}

std::vector<CollectedValue> has(const std::vector<ValueKey>& keys) {
    std::vector<CollectedValue> out;
    for (const ValueKey& each : keys)
        out.push_back({each, true});
    return out;
}

runner::source::Lookup one(FactFiles& files, std::string_view text) {
    const std::vector<EntityId> ids{id(text)};
    return files.load(ids).at(0);
}

} // namespace

TEST_CASE("a digest keeps ids, ranks, links and the values that are asked for") {
    const auto whole = everything();
    const auto& original = whole->entity();
    const auto copy = runner::entity::read_digest(digest_of(whole));
    const auto& entity = copy->entity();
    CHECK(entity.id == id("Q1"));
    CHECK(entity.revision == 77);
    REQUIRE(entity.statements.size() == original.statements.size());
    for (std::size_t i = 0; i < entity.statements.size(); ++i) {
        CHECK(entity.statements[i].main.property == original.statements[i].main.property);
        CHECK(entity.statements[i].main.type == original.statements[i].main.type);
        CHECK(entity.statements[i].rank == original.statements[i].rank);
    }
    CHECK(*runner::entity::entity_id_of(entity.statements[0].main.value) == id("Q5"));
    CHECK(*runner::entity::entity_id_of(entity.statements[6].main.value) == id("L7-F2"));
    const auto* time = std::get_if<runner::entity::TimeValue>(&entity.statements[1].main.value);
    REQUIRE(time != nullptr);
    CHECK(time->time == "+1900-01-01T00:00:00Z");
    CHECK(time->after == 1);
    CHECK(time->precision == 9);
    CHECK(time->calendar_model == "http://www.wikidata.org/entity/Q1985727");
    // not asked for: only that there is a value
    CHECK(std::holds_alternative<std::string_view>(entity.statements[2].main.value));
    CHECK(std::get<std::string_view>(entity.statements[3].main.value).empty());
}

TEST_CASE("a digest that was cut off or changed is an error, not a crash") {
    const std::string bytes = digest_of(everything());
    for (std::size_t n = 0; n < bytes.size(); ++n)
        CHECK_THROWS_AS(runner::entity::read_digest(bytes.substr(0, n)), runner::base::DataError);
    CHECK_THROWS_AS(runner::entity::read_digest(bytes + "x"), runner::base::DataError);
    for (std::size_t i = 0; i < bytes.size(); ++i)
        for (const char c : {'\x00', '\x7f', '\xff'}) {
            std::string changed = bytes;
            changed[i] = c;
            try {
                (void)runner::entity::read_digest(changed);
            } catch (const runner::base::DataError&) {
            }
        }
}

TEST_CASE("fact files give every entity by its id: digests, redirects, forms, whole properties") {
    const TempDir dir;
    const std::string p10 = property_json("P10", {{"P10$1", "Q19474404"}});
    {
        FactFiles files(dir.path(), {}, true);
        files.add_property(property("P10"), {true, true, 4}, LineKind::entity, p10);
        FactFiles::Batch batch;
        files.add(batch, 4, everything()->entity());
        const auto lexeme = runner::entity::parse_entity(
            R"({"type":"lexeme","id":"L7","language":"Q1860","claims":[],"forms":[)" +
            entity_json("L7-F2", {{"L7-F2$1", string_snak("P10", "x")}}) + "],\"senses\":[]}");
        files.add(batch, 5, lexeme->entity());
        FactFiles::add_redirect(batch, 6, id("Q2"), id("Q1"));
        files.write(batch);
        batch.clear();
        files.add(batch, 9,
                  runner::entity::parse_entity(entity_json("Q2147483647", {}, 5))->entity());
        files.write(batch);
    }
    for (const bool again : {false, true}) {
        FactFiles files(dir.path(), {}, false); // opened again: nothing is lost
        CHECK(files.properties() == 1);
        CHECK(one(files, "P10").state == State::found);
        CHECK(one(files, "P10").document->entity().statements.size() == 1);
        CHECK(one(files, "Q1").revision == 77);
        CHECK(one(files, "Q2").state == State::redirect);
        CHECK(one(files, "Q2").redirect_target == id("Q1"));
        CHECK(one(files, "Q3").state == State::missing);
        CHECK(one(files, "M1").state == State::missing);
        CHECK(one(files, "P11").state == State::missing);
        CHECK(one(files, "Q2147483647").revision == 5);
        const auto form = one(files, "L7-F2");
        REQUIRE(form.state == State::found);
        CHECK(form.document->find(id("L7-F2"))->statements.size() == 1);
        CHECK(form.document->entity().lemma_language_item == "Q1860");
        CHECK(one(files, "L7-F3").state == State::missing);
        CHECK(files.position_of(id("Q1")) == 4);
        CHECK(files.position_of(id("Q2")) == 6);
        CHECK(files.position_of(id("Q3")) == 0);
        if (!again) { // the later line of an id holds
            FactFiles::Batch batch;
            FactFiles::add_redirect(batch, 12, id("Q3"), id("Q2"));
            files.write(batch);
            CHECK(files.position_of(id("Q3")) == 12);
            FactFiles::add_redirect(batch, 14, id("Q3"), id("Q1"));
            files.write(batch);
            CHECK(files.position_of(id("Q3")) == 14);
            batch.clear();
            std::filesystem::resize_file(dir.path() / "digests", 0);
            CHECK_THROWS_AS(one(files, "Q1"), runner::base::DataError);
            break;
        }
    }
}

TEST_CASE(
    "of several lines of an id the higher revision holds, in any order and in one batch or two") {
    const auto revision = [](std::uint64_t n) {
        return runner::entity::parse_entity(entity_json("Q1", {}, n));
    };
    for (const bool together : {false, true}) {
        const TempDir dir;
        FactFiles files(dir.path(), {}, true);
        FactFiles::Batch batch;
        const auto next = [&] {
            if (!together)
                files.write(std::exchange(batch, {}));
        };
        files.add(batch, 1, revision(5)->entity());
        next();
        files.add(batch, 2, revision(3)->entity()); // older
        next();
        files.add(batch, 3, revision(5)->entity()); // the same: the later
        next();
        FactFiles::add_unreadable(batch, 4, id("Q1"), "d:4: broken");
        files.write(batch);
        CHECK(files.position_of(id("Q1")) == 3);
        CHECK(one(files, "Q1").revision == 5);
        CHECK(files.entities() == 1);
        CHECK(files.repeated() == 3);
        batch.clear();
        FactFiles::add_missing(batch, 5, id("Q1")); // newer than what comes before
        next();
        files.add(batch, 6, revision(4)->entity());
        files.write(batch);
        CHECK(one(files, "Q1").state == State::missing);
        CHECK(files.position_of(id("Q1")) == 5);
        CHECK(files.entities() == 0);
        batch.clear();
        files.add(batch, 7, revision(5)->entity());
        files.write(batch);
        CHECK(one(files, "Q1").state == State::found);
    }
}

TEST_CASE(
    "what can't be read, or was perhaps cut off, is an error with its reason and not missing") {
    const TempDir dir;
    for (const bool fresh : {true, false}) {
        FactFiles files(dir.path(), {}, fresh);
        if (fresh) {
            files.add_property(property("P1"), {false, true, 0}, LineKind::problem,
                               "d:2: bad\nrank");
            files.add_property(property("P2"), {true, false, 0}, LineKind::missing, "");
            files.add_property(property("P3"), {true, true, 7}, LineKind::entity,
                               property_json("P3", {}));
            files.add_property(property("P3"), {true, true, 6}, LineKind::entity, "older");
            files.add_property(property("P3"), {false, true, 0}, LineKind::problem, "d:9: bad");
            FactFiles::Batch batch;
            FactFiles::add_unreadable(batch, 4, id("Q2"), "d:4: broken");
            files.write(batch);
        }
        CHECK_THROWS_WITH(one(files, "P1"), "d:2: bad rank");
        CHECK(one(files, "P2").state == State::missing);
        CHECK(one(files, "P3").state == State::found);
        CHECK_THROWS_WITH(one(files, "Q2"), "d:4: broken");
        CHECK(one(files, "Q3").state == State::missing);
        files.set_cut("it is cut off");
        CHECK_THROWS_WITH(one(files, "Q3"), Catch::Contains("it is cut off"));
    }
}

TEST_CASE("shared values name the others, the first ten as texts") {
    const TempDir dir;
    ValueCollector collector(dir.path());
    for (std::uint32_t n = 1; n <= 30; ++n) {
        const EntityId entity{runner::entity::EntityType::item, n, 0};
        collector.add(entity, has({key(1, 1), key(200, static_cast<std::uint8_t>(2 * n))}));
        collector.add(entity, has({key(1, 1)})); // twice is once
    }
    for (std::uint32_t n = 1; n <= 200; ++n)
        for (const std::uint32_t item : {1000U, 1001U})
            collector.add({runner::entity::EntityType::item, item, 0},
                          has({key(static_cast<std::uint8_t>(n), 100)}));
    // Q5 asks only: it is found by nobody, and what one other entity has is kept for it
    collector.add(id("Q5"), std::vector<CollectedValue>{{key(9, 2), false}, {key(1, 1), false}});
    collector.add(id("Q6"), has({key(9, 2)}));
    collector.add(id("Q7"), std::vector<CollectedValue>{{key(9, 4), false}});
    collector.finish();
    SharedValues values(dir.path());
    const auto others = values.others(id("Q2"), std::vector{key(1, 1), key(200, 4), key(9, 8)});
    std::vector<EntityId> first;
    for (const char* text : {"Q1", "Q10", "Q11", "Q12", "Q13", "Q14", "Q15", "Q16", "Q17", "Q18"})
        first.push_back(id(text));
    std::sort(first.begin(), first.end());
    CHECK(others.at(0) == first);
    CHECK(others.at(1).empty()); // nobody else has it
    CHECK(others.at(2).empty());
    CHECK(values.others(id("Q1"), std::vector{key(1, 1)}).at(0).size() == 10);
    CHECK(values.others(id("Q99"), std::vector{key(1, 1)}).at(0) ==
          values.others(id("Q19"), std::vector{key(1, 1)}).at(0));
    for (std::uint32_t n = 1; n <= 200; ++n)
        CHECK(
            values.others(id("Q1000"), std::vector{key(static_cast<std::uint8_t>(n), 100)}).at(0) ==
            std::vector{id("Q1001")});
    CHECK(values.others(id("Q1"), {}).empty());
    // only what is shared is kept
    CHECK(std::filesystem::file_size(dir.path() / "shared-values") == (11 + 400 + 1) * 24);
    CHECK(values.others(id("Q5"), std::vector{key(9, 2)}).at(0) == std::vector{id("Q6")});
    CHECK(values.others(id("Q6"), std::vector{key(9, 2)}).at(0).empty());
}
