// SPDX-License-Identifier: GPL-2.0-or-later
// Checks of times with the extra "times": seeded random dates of every precision, open and unknown
// ends, other types among them. A verdict says what the intervals say, and whose dates they are.
#include "checks/engine.hpp"
#include "checks/entity_check.hpp"
#include "checks/time_interval.hpp"
#include "config/wiki_settings.hpp"
#include "entity_builders.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <random>

using namespace runner::checks;
using namespace runner::test;
using runner::results::Status;
namespace json = boost::json;

namespace {

constexpr std::array<const char*, 2> start_properties{"P569", "P580"};
constexpr std::array<const char*, 2> end_properties{"P570", "P582"};

class Generator {
public:
    explicit Generator(unsigned seed) : random_(seed) {}

    unsigned below(unsigned n) { return static_cast<unsigned>(random_() % n); }

    /// `whose` is written to `before`, which no check looks at.
    std::string date(const std::string& prop, int whose, bool only_years = false) {
        const unsigned precision = only_years ? 9 : below(15);
        const unsigned year = below(8) == 0 ? below(3000) : 1440 + below(120);
        const unsigned month = precision < 10 || below(8) == 0 ? 0 : 1 + below(12);
        const unsigned day = month == 0 || precision < 11 || below(8) == 0 ? 0 : 1 + below(31);
        const auto two = [](unsigned n) { return (n < 10 ? "0" : "") + std::to_string(n); };
        const std::string time =
            day == 0 ? "00:00:00" : two(below(24)) + ":" + two(below(60)) + ":" + two(below(62));
        return value_snak(prop, "time",
                          R"({"time":")" + std::string(below(12) == 0 ? "-" : "+") +
                              std::to_string(1000 + year).substr(year < 9000 ? 0 : 1) + "-" +
                              two(month) + "-" + two(day) + "T" + time +
                              R"(Z","timezone":0,"before":)" + std::to_string(whose) +
                              R"(,"after":0,"precision":)" + std::to_string(precision) +
                              R"(,"calendarmodel":"http://www.wikidata.org/entity/)" +
                              (below(3) == 0 ? "Q1985786" : "Q1985727") + "\"}");
    }

    std::string snak(const std::string& prop, int whose) {
        switch (below(20)) {
        case 0: return missing_snak(prop, "somevalue");
        case 1: return missing_snak(prop, "novalue");
        case 2: return string_snak(prop, "x");
        case 3: return value_snak(prop, "quantity", R"({"amount":"+3","unit":"1"})");
        default: return date(prop, whose);
        }
    }

    void add_dates(const std::string& entity, int whose, std::vector<StatementText>& out,
                   bool plain = false) {
        constexpr std::array ranks{"normal", "normal", "normal", "preferred", "deprecated"};
        for (const auto& properties : {start_properties, end_properties})
            for (unsigned n = below(8) == 0 ? 2 : below(4) == 0 ? 0 : 1; n > 0; --n) {
                const std::string prop = properties[below(2)];
                out.push_back({entity + "$" + std::to_string(out.size()),
                               plain ? date(prop, whose) : snak(prop, whose),
                               {},
                               {},
                               plain ? "normal" : ranks[below(5)]});
            }
    }

private:
    std::mt19937 random_;
};

struct World {
    MapSource source;
    runner::config::WikiSettings wiki;
    std::unique_ptr<Engine> engine;

    World() {
        wiki.extras = {"times"};
        wiki.recheck_dependents = false;
        source.put(property_json("P13", {{"P13$c", "Q25796498"}}, 0, "wikibase-item"));
        const auto bound = [](const char* prop, const char* time, int precision) {
            return value_snak(prop, "time",
                              std::string(R"({"time":")") + time +
                                  R"(","timezone":0,"before":0,"after":0,"precision":)" +
                                  std::to_string(precision) +
                                  R"(,"calendarmodel":"http://www.wikidata.org/entity/Q1985727"})");
        };
        for (const char* prop : {"P569", "P570", "P580", "P582"})
            source.put(property_json(
                prop,
                {{std::string(prop) + "$a",
                  "Q21510860",
                  {bound("P2310", "+1450-00-00T00:00:00Z", 7),
                   bound("P2311", "+1530-00-00T00:00:00Z", 8)}},
                 {std::string(prop) + "$b",
                  "Q21510860",
                  {bound("P2310", "+1500-00-00T00:00:00Z", 7), missing_snak("P2311", "somevalue")}},
                 {std::string(prop) + "$c",
                  "Q21510860",
                  {missing_snak("P2310", "novalue"), bound("P2311", "+1500-00-00T00:00:00Z", 9)}},
                 {std::string(prop) + "$d",
                  "Q21510854",
                  {entity_snak("P2306", "P569"),
                   value_snak("P2313", "quantity",
                              R"({"amount":"+0","unit":"http://www.wikidata.org/entity/Q577"})"),
                   value_snak(
                       "P2312", "quantity",
                       R"({"amount":"+120","unit":"http://www.wikidata.org/entity/Q577"})")}},
                 {std::string(prop) + "$e",
                  "Q21510854",
                  {entity_snak("P2306", "P570"), missing_snak("P2313", "novalue"),
                   value_snak(
                       "P2312", "quantity",
                       R"({"amount":"+9999999","unit":"http://www.wikidata.org/entity/Q11574"})")}},
                 {std::string(prop) + "$f", "Q19474404"}},
                0, "time"));
        engine = std::make_unique<Engine>(wiki, EngineOptions{.now = 1'767'225'600});
    }

    EntityCheck run(unsigned number, Generator& generator, bool plain,
                    runner::entity::EntityPtr& subject, runner::entity::EntityPtr& object) {
        const std::string subject_id = "Q" + std::to_string(2 * number + 1);
        const std::string object_id = "Q" + std::to_string(2 * number + 2);
        std::vector<StatementText> statements{{subject_id + "$v", entity_snak("P13", object_id)}};
        generator.add_dates(subject_id, 0, statements, plain);
        std::vector<StatementText> others;
        generator.add_dates(object_id, 1, others, plain);
        const std::string other = entity_json(object_id, others);
        source.put(other);
        object = runner::entity::parse_entity(other);
        subject = runner::entity::parse_entity(entity_json(subject_id, statements));
        return engine->run(engine->gather(subject, id(subject_id), 1, source));
    }
};

/// From the first second of any start to the last one of any end.
struct Life {
    double start = -1e300;
    double end = 1e300;
};

Life life_of(const runner::entity::Entity& entity) {
    Life life;
    bool started = false, ended = false;
    for (const auto& statement : entity.statements) {
        const auto* time = std::get_if<runner::entity::TimeValue>(&statement.main.value);
        if (time == nullptr || statement.main.type != runner::entity::SnakType::value)
            continue;
        const Seconds seconds = seconds_of(*time, true);
        const std::string prop = statement.main.property.to_string();
        if (std::find(start_properties.begin(), start_properties.end(), prop) !=
            start_properties.end()) {
            life.start = started ? std::min(life.start, seconds.first) : seconds.first;
            started = true;
        } else if (std::find(end_properties.begin(), end_properties.end(), prop) !=
                   end_properties.end()) {
            life.end = ended ? std::max(life.end, seconds.last) : seconds.last;
            ended = true;
        }
    }
    return life;
}

} // namespace

TEST_CASE("random dates with the extra times: no verdict names a date that is not there",
          "[checks]") {
    Generator generator(20261);
    World world;
    unsigned earlier = 0, later = 0, results = 0;
    for (unsigned n = 0; n < 3000; ++n) {
        runner::entity::EntityPtr subject, object;
        const EntityCheck check = world.run(n, generator, false, subject, object);
        REQUIRE(check.own != nullptr);
        for (const CheckResult& result : check.own->results) {
            ++results;
            if (result.message == CheckResult::no_message)
                continue;
            const auto& message = check.own->messages[result.message];
            const std::string key(message.key());
            const auto arguments = json::parse(message.arguments_json());
            if (!key.starts_with("contemporary"))
                continue;
            CAPTURE(n, key);
            const bool value_earlier = key == "contemporary-value-earlier";
            ++(value_earlier ? earlier : later);
            // the end is of the earlier one, the start of the other
            const auto whose = [&](std::size_t i) {
                return arguments.at(i).at("v").at("value").at("before").to_number<int>();
            };
            CHECK(whose(3) == (value_earlier ? 1 : 0));
            CHECK(whose(4) == (value_earlier ? 0 : 1));
        }
    }
    CHECK(results > 10'000);
    CHECK((earlier > 50 && later > 50));
}

TEST_CASE("random dates with the extra times: contemporary says what the intervals say",
          "[checks]") {
    Generator generator(20262);
    World world;
    unsigned apart = 0;
    for (unsigned n = 0; n < 2000; ++n) {
        runner::entity::EntityPtr subject, object;
        const EntityCheck check = world.run(n, generator, true, subject, object);
        REQUIRE(check.own != nullptr);
        const Life a = life_of(subject->entity());
        const Life b = life_of(object->entity());
        // of lives whose end is before their start nothing is said
        const bool expected =
            a.start <= a.end && b.start <= b.end && (a.end < b.start || b.end < a.start);
        for (const CheckResult& result : check.own->results) {
            if (result.constraint->constraint.id != "P13$c")
                continue;
            CAPTURE(n);
            const bool violated = result.status == Status::warning;
            if (a.start <= a.end && b.start <= b.end)
                CHECK(violated == expected);
            apart += violated ? 1 : 0;
            if (violated)
                CHECK((check.own->messages[result.message].key() == "contemporary-value-earlier") ==
                      (b.end < a.start));
        }
    }
    CHECK(apart > 100);
}
