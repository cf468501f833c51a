// SPDX-License-Identifier: GPL-2.0-or-later
// Read, write, read is the identity: seeded random entities with values of every type, written
// with the same functions that write values into results, are the same entities again, hashes
// included.
#include "entity_builders.hpp"
#include "results/json.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <random>

using namespace runner::test;
using runner::entity::Entity;
using runner::entity::Snak;
using runner::entity::SnakType;

namespace {

class Generator {
public:
    explicit Generator(unsigned seed) : random_(seed) {}

    unsigned below(unsigned n) { return static_cast<unsigned>(random_() % n); }

    template <std::size_t N>
    std::string one_of(const std::array<const char*, N>& list) {
        return list[below(N)];
    }

    std::string text() {
        constexpr std::array parts{"a",   " ",   "\\\"", "\\\\",           "\\/",  "/",
                                   "\\n", "\\t", "ß",    "\\u00e9",        "日本", "\\u0000",
                                   "<b>", "&",   "'",    "\\ud83d\\ude00", "😀",    "\\u2028"};
        std::string out = "x";
        for (unsigned n = below(8); n > 0; --n)
            out += one_of(parts);
        return '"' + out + '"';
    }

    std::string amount() {
        constexpr std::array signs{"+", "-"};
        std::string out = one_of(signs) + std::to_string(below(1000));
        if (below(2) != 0)
            out += "." + std::to_string(below(1000));
        if (below(10) == 0)
            out = "+123456789012345678901234567890.000000000000000000001";
        return '"' + out + '"';
    }

    std::string time() {
        constexpr std::array days{"-00-00", "-02-00", "-02-29", "-12-31"};
        constexpr std::array years{"+2024", "-0044", "+0001", "-13798000000", "+99999", "+1582"};
        constexpr std::array calendars{"Q1985727", "Q1985786"};
        return R"({"time":")" + one_of(years) + one_of(days) +
               R"(T00:00:00Z","timezone":0,"before":)" + std::to_string(below(3)) + R"(,"after":)" +
               std::to_string(below(3)) + R"(,"precision":)" + std::to_string(below(15)) +
               R"(,"calendarmodel":"http://www.wikidata.org/entity/)" + one_of(calendars) + "\"}";
    }

    std::string coordinate() {
        constexpr std::array precisions{"null", "0.01", "1", "1.0e-5", "0.00027777777777778"};
        return R"({"latitude":)" + std::to_string(below(90)) + "." + std::to_string(below(10000)) +
               R"(,"longitude":-)" + std::to_string(below(180)) + ".5" + R"(,"precision":)" +
               one_of(precisions) + R"(,"globe":"http://www.wikidata.org/entity/Q2"})";
    }

    std::string snak(const std::string& prop) {
        constexpr std::array ids{"Q1", "Q4294967295", "P31", "L7", "L7-F2", "L7-S3", "M9"};
        constexpr std::array units{"\"1\"", "\"http://www.wikidata.org/entity/Q11573\""};
        switch (below(9)) {
        case 0: return missing_snak(prop, "somevalue");
        case 1: return missing_snak(prop, "novalue");
        case 2: return value_snak(prop, "string", text());
        case 3: return entity_snak(prop, one_of(ids));
        case 4:
            return value_snak(prop, "quantity",
                              "{\"amount\":" + amount() + ",\"unit\":" + one_of(units) + "}");
        case 5:
            return value_snak(prop, "quantity",
                              R"({"amount":"+5","upperBound":"+6.50","lowerBound":"-4","unit":)" +
                                  one_of(units) + "}");
        case 6: return value_snak(prop, "time", time());
        case 7:
            return value_snak(prop, "monolingualtext",
                              "{\"text\":" + text() + R"(,"language":"de-at"})");
        default: return value_snak(prop, "globecoordinate", coordinate());
        }
    }

    std::vector<std::string> snaks(unsigned most) {
        std::vector<std::string> out;
        for (unsigned n = below(most + 1); n > 0; --n)
            out.push_back(snak("P" + std::to_string(1 + below(9))));
        return out;
    }

    std::string entity() {
        constexpr std::array ranks{"normal", "preferred", "deprecated"};
        std::vector<StatementText> statements;
        for (unsigned i = 0; i < 20; ++i)
            statements.push_back({"Q1$" + std::to_string(i), snak("P" + std::to_string(1 + i % 7)),
                                  snaks(4), snaks(4), one_of(ranks)});
        return entity_json("Q1", statements, below(1000));
    }

private:
    std::mt19937 random_;
};

std::string printed(const Snak& snak) {
    const std::string prop = snak.property.to_string();
    if (snak.type != SnakType::value)
        return missing_snak(prop, snak.type == SnakType::somevalue ? "somevalue" : "novalue");
    std::string value;
    runner::results::append_json(value, snak.value);
    return R"({"snaktype":"value","property":")" + prop + R"(","datavalue":)" + value + "}";
}

std::string printed(const Entity& entity) {
    constexpr std::array ranks{"deprecated", "normal", "preferred"};
    std::vector<StatementText> statements;
    for (const auto& statement : entity.statements) {
        StatementText text{std::string{statement.guid}, printed(statement.main)};
        for (const auto& qualifier : statement.qualifiers)
            text.qualifiers.push_back(printed(qualifier));
        for (const auto& reference : statement.references)
            for (const auto& snak : reference.snaks)
                text.reference.push_back(printed(snak));
        text.rank = ranks[static_cast<std::size_t>(statement.rank)];
        statements.push_back(text);
    }
    return entity_json(entity.id.to_string(), statements, entity.revision);
}

std::vector<std::string> hashes(const Entity& entity) {
    std::vector<std::string> out;
    for (const auto& statement : entity.statements) {
        out.emplace_back(statement.main.hash);
        for (const auto& qualifier : statement.qualifiers)
            out.emplace_back(qualifier.hash);
        for (const auto& reference : statement.references) {
            out.emplace_back(reference.hash);
            for (const auto& snak : reference.snaks)
                out.emplace_back(snak.hash);
        }
    }
    return out;
}

} // namespace

TEST_CASE("an entity that is written and read again is the same", "[results]") {
    const auto seed = GENERATE(range(1U, 101U));
    CAPTURE(seed);
    const auto first = runner::entity::parse_entity(Generator(seed).entity());
    const std::string text = printed(first->entity());
    const auto second = runner::entity::parse_entity(text);
    CHECK(first->entity().statements.size() == 20);
    CHECK(printed(second->entity()) == text);
    CHECK(hashes(second->entity()) == hashes(first->entity()));
    CHECK(second->entity().revision == first->entity().revision);
}
