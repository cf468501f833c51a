// SPDX-License-Identifier: GPL-2.0-or-later
// What must hold for any entity: seeded random entities and constraints of every type, nonsense
// among the parameters.
#include "checks/engine.hpp"
#include "checks/entity_check.hpp"
#include "checks/registry.hpp"
#include "config/wiki_settings.hpp"
#include "entity_builders.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <random>

using namespace runner::checks;
using namespace runner::test;
namespace json = boost::json;

namespace {

class Generator {
public:
    explicit Generator(unsigned seed) : random_(seed) {}

    unsigned below(unsigned n) { return static_cast<unsigned>(random_() % n); }

    std::string value(const std::string& prop) {
        switch (below(11)) {
        case 0: return missing_snak(prop, "somevalue");
        case 1: return missing_snak(prop, "novalue");
        case 2: return string_snak(prop, std::to_string(below(5)));
        case 3: return entity_snak(prop, "P" + std::to_string(1 + below(6)));
        case 4:
            return value_snak(prop, "quantity",
                              R"({"amount":")" + std::to_string(below(30)) +
                                  (below(2) != 0 ? R"(.5","unit":"1"})" : R"(","unit":"1"})"));
        case 5:
            return value_snak(prop, "time",
                              R"({"time":"+20)" + std::to_string(10 + below(80)) +
                                  R"(-00-00T00:00:00Z","timezone":0,"before":0,"after":0,)"
                                  R"("precision":9,"calendarmodel":"c"})");
        case 6: return value_snak(prop, "monolingualtext", R"({"text":"1","language":"en"})");
        case 7: return value_snak(prop, "odd", R"({"x":[1]})");
        default: return entity_snak(prop, "Q" + std::to_string(1 + below(4)));
        }
    }

    std::vector<std::string> values(unsigned most) {
        std::vector<std::string> out;
        for (unsigned n = below(most + 1); n > 0; --n)
            out.push_back(value("P" + std::to_string(1 + below(6))));
        return out;
    }

    std::vector<StatementText> statements(unsigned count) {
        constexpr std::array ranks{"normal", "normal", "preferred", "deprecated"};
        std::vector<StatementText> out;
        for (unsigned i = 0; i < count; ++i)
            out.push_back({"Q1$" + std::to_string(i), value("P" + std::to_string(1 + below(6))),
                           values(3), values(2), ranks[below(4)]});
        return out;
    }

    std::vector<ConstraintText> constraints(const std::string& prop) {
        constexpr std::array parameters{"P2305", "P2306", "P2312", "P2313", "P2310", "P2311",
                                        "P4155", "P1793", "P424",  "P5314", "P2308", "P2309"};
        constexpr std::array common{"P2303", "P2316", "P4680", "P6607"};
        constexpr std::array names{"Q46466787", "Q46466783", "Q21502408", "Q54828448", "Q29934200"};
        const auto rows = all_checks();
        std::vector<ConstraintText> out;
        for (unsigned i = 0; i < 8; ++i) {
            const auto* row = rows[below(static_cast<unsigned>(rows.size()))];
            ConstraintText c{
                prop + "$" + std::to_string(i),
                std::string{runner::config::constraint_id_table[static_cast<std::size_t>(row->type)]
                                .default_id}};
            for (const auto* parameter : parameters)
                if (below(2) != 0)
                    c.parameters.push_back(value(parameter));
            if (below(4) == 0)
                c.parameters.push_back(value(common[below(4)]));
            if (below(3) == 0)
                c.parameters.push_back(entity_snak(common[below(4)], names[below(5)]));
            out.push_back(std::move(c));
        }
        return out;
    }

    template <typename T>
    std::vector<T> shuffled(std::vector<T> list) {
        std::shuffle(list.begin(), list.end(), random_);
        return list;
    }

private:
    std::mt19937 random_;
};

struct World {
    std::map<std::string, std::vector<ConstraintText>> constraints;

    explicit World(Generator& generator) {
        for (int i = 1; i <= 6; ++i) {
            const std::string name = "P" + std::to_string(i);
            constraints[name] = generator.constraints(name);
        }
    }

    /// The results of an entity, one text each, in their order; and all dependencies.
    [[nodiscard]] std::pair<std::vector<std::string>, std::string>
    run(const std::string& text) const {
        MapSource source;
        for (const auto& [name, list] : constraints)
            source.put(property_json(name, list));
        source.put(entity_json(
            "Q2", {{"Q2$1", entity_snak("P31", "Q3")}, {"Q2$2", entity_snak("P1", "Q1")}}));
        runner::config::WikiSettings wiki;
        Engine engine(wiki, {.now = 1'767'225'600});
        const auto document = runner::entity::parse_entity(text);
        const Gathered gathered = engine.gather(document, id("Q1"), 1, source);
        std::string line;
        Engine::append_line(engine.run(gathered), line);
        const auto parsed = json::parse(line);
        std::vector<std::string> results;
        for (const auto& result : parsed.at("results").as_array())
            results.push_back(json::serialize(result));
        return {results, json::serialize(parsed.at("dependencies"))};
    }
};

std::vector<std::string> sorted(std::vector<std::string> list) {
    std::sort(list.begin(), list.end());
    return list;
}

/// For checks that look at the first value of another property (difference within range, the
/// value that conflicts-with names) the order of statements does count.
bool order_matters(const std::string& result) {
    return result.find("Q21510854") != std::string::npos ||
           result.find("Q21502838") != std::string::npos;
}

std::vector<std::string> of_any_order(const std::vector<std::string>& results) {
    std::vector<std::string> out;
    for (const auto& result : results)
        if (!order_matters(result))
            out.push_back(result);
    return sorted(std::move(out));
}

} // namespace

TEST_CASE("the order of statements changes no result", "[checks]") {
    const auto seed = GENERATE(range(1U, 41U));
    CAPTURE(seed);
    Generator generator(seed);
    const World world(generator);
    const auto statements = generator.statements(12);
    const auto [results, dependencies] = world.run(entity_json("Q1", statements));
    const auto [others, other_dependencies] =
        world.run(entity_json("Q1", generator.shuffled(statements)));
    CHECK(of_any_order(results) == of_any_order(others));
    CHECK(results.size() == others.size());
    CHECK(dependencies == other_dependencies);
    CHECK(results.size() > 50);
}

TEST_CASE("the order of a property's constraints changes nothing but the order", "[checks]") {
    const auto seed = GENERATE(range(101U, 141U));
    CAPTURE(seed);
    Generator generator(seed);
    World world(generator);
    const std::string entity = entity_json("Q1", generator.statements(12));
    const auto before = world.run(entity);
    for (auto& [name, list] : world.constraints)
        list = generator.shuffled(list);
    const auto after = world.run(entity);
    CHECK(sorted(before.first) == sorted(after.first));
    CHECK(before.second == after.second);
}

TEST_CASE("JSON that is written again gives the same results", "[checks]") {
    const auto seed = GENERATE(range(201U, 231U));
    CAPTURE(seed);
    Generator generator(seed);
    const World world(generator);
    const std::string entity = entity_json("Q1", generator.statements(12));
    CHECK(world.run(entity) == world.run(json::serialize(json::parse(entity))));
}

TEST_CASE("results are in WBQC's order of statuses", "[checks]") {
    const auto seed = GENERATE(range(301U, 321U));
    CAPTURE(seed);
    Generator generator(seed);
    const World world(generator);
    auto last = runner::results::Status::bad_parameters;
    for (const auto& text : world.run(entity_json("Q1", generator.statements(12))).first) {
        const auto result = json::parse(text);
        const auto* status = result.as_object().if_contains("s");
        const auto now =
            status == nullptr
                ? runner::results::Status::todo
                : runner::results::status_from(json::value_to<std::string>(*status)).value();
        CHECK(last <= now);
        last = now;
    }
}
