// SPDX-License-Identifier: GPL-2.0-or-later
// Distinct values: which values are the same for WBQC's SPARQL queries, and what is said of those
// that other entities have.
#include "checks/engine.hpp"
#include "checks/rdf_value.hpp"
#include "config/wiki_settings.hpp"
#include "entity_builders.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include <map>

using namespace runner::checks;
using namespace runner::test;
using runner::results::Status;
using runner::results::ValueKey;

namespace {

constexpr const char* distinct_values = "Q21502410";
constexpr const char* main_value = "Q46466787";
constexpr const char* qualifiers = "Q46466783";
constexpr const char* references = "Q46466805";

/// An index in memory; keeps what was checked.
class MapIndex final : public runner::facts::ValueIndex {
public:
    [[nodiscard]] std::vector<std::vector<runner::entity::EntityId>>
    others(const runner::entity::EntityId& self, std::span<const ValueKey> keys) override {
        std::vector<std::vector<runner::entity::EntityId>> found;
        for (const ValueKey& key : keys) {
            found.emplace_back();
            for (const auto& entity : entities[key])
                if (entity != self && found.back().size() < runner::results::max_named_others)
                    found.back().push_back(entity);
        }
        return found;
    }
    std::map<ValueKey, std::vector<runner::entity::EntityId>> entities;
};

struct Fixture {
    MapSource source;
    runner::config::WikiSettings wiki;
    std::shared_ptr<MapIndex> index = std::make_shared<MapIndex>();

    explicit Fixture(const std::vector<std::string>& parameters = {},
                     const std::vector<std::string>& scopes = {}) {
        std::vector<std::string> all = parameters;
        for (const std::string& scope : scopes)
            all.push_back(entity_snak("P4680", scope));
        source.put(property_json("P1", {{"P1$1", distinct_values, all}}));
    }

    runner::results::StoredResult check(std::string_view subject,
                                        const std::vector<StatementText>& statements) {
        Engine engine(wiki, {.now = 1'767'225'600, .values = index});
        const auto document =
            runner::entity::parse_entity(entity_json(subject, statements, 1));
        auto result = engine.check(engine.gather(document, id(subject), 1, source));
        for (const auto& value : result.values)
            index->entities[value.key].push_back(id(subject));
        return result;
    }
    /// Whether a second entity with the other statement violates the constraint.
    bool same(const StatementText& a, const StatementText& b) {
        index->entities.clear();
        check("Q1", {a});
        const auto counts = check("Q2", {b}).counts;
        return counts[static_cast<std::size_t>(Status::warning)] > 0;
    }
    bool same_snaks(const std::string& a, const std::string& b) {
        return same({"Q1$1", a}, {"Q2$1", b});
    }
};

std::string quantity(std::string_view amount, std::string_view unit = "1") {
    return value_snak("P1", "quantity",
                      R"({"amount":")" + std::string{amount} + R"(","unit":")" +
                          std::string{unit} + "\"}");
}

std::string date(std::string_view time, int precision, std::string_view calendar = "Q1985727") {
    return value_snak("P1", "time",
                      R"({"time":")" + std::string{time} + R"(","timezone":0,"before":0,)" +
                          R"("after":0,"precision":)" + std::to_string(precision) +
                          R"(,"calendarmodel":"http://www.wikidata.org/entity/)" +
                          std::string{calendar} + "\"}");
}

std::string point(std::string_view latitude, std::string_view longitude,
                  std::string_view globe = "Q2", std::string_view precision = "0.1") {
    return value_snak("P1", "globecoordinate",
                      R"({"latitude":)" + std::string{latitude} + R"(,"longitude":)" +
                          std::string{longitude} + R"(,"precision":)" + std::string{precision} +
                          R"(,"globe":"http://www.wikidata.org/entity/)" + std::string{globe} +
                          "\"}");
}

std::string text(std::string_view language, std::string_view words) {
    return value_snak("P1", "monolingualtext",
                      R"({"language":")" + std::string{language} + R"(","text":")" +
                          std::string{words} + "\"}");
}

} // namespace

TEST_CASE("main values are the same as their simple RDF values") {
    Fixture f;
    CHECK(f.same_snaks(string_snak("P1", "x"), string_snak("P1", "x")));
    CHECK_FALSE(f.same_snaks(string_snak("P1", "x"), string_snak("P1", "X")));
    CHECK_FALSE(f.same_snaks(string_snak("P1", "Q5"), entity_snak("P1", "Q5")));
    CHECK(f.same_snaks(entity_snak("P1", "Q5"), entity_snak("P1", "Q5")));
    CHECK(f.same_snaks(quantity("+12.50", "http://www.wikidata.org/entity/Q1"), quantity("+12.5")));
    CHECK_FALSE(f.same_snaks(quantity("+12.5"), quantity("-12.5")));
    CHECK_FALSE(f.same_snaks(quantity("+100"), quantity("+1")));
    CHECK(f.same_snaks(date("+1950-05-00T00:00:00Z", 10), date("+1950-05-01T00:00:00Z", 11)));
    CHECK(f.same_snaks(date("+1582-10-05T00:00:00Z", 11, "Q1985786"),
                       date("+1582-10-15T00:00:00Z", 11)));
    CHECK_FALSE(f.same_snaks(date("+1950-05-01T00:00:00Z", 11), date("+1950-05-02T00:00:00Z", 11)));
    CHECK(f.same_snaks(point("1.5", "2"), point("1.5", "2.0", "Q2", "0.01")));
    CHECK_FALSE(f.same_snaks(point("1.5", "2"), point("1.5", "2", "Q405")));
    CHECK_FALSE(f.same_snaks(point("1.5", "2"), point("2", "1.5")));
    CHECK(f.same_snaks(text("de", "Haus"), text("de", "Haus")));
    CHECK_FALSE(f.same_snaks(text("de", "Haus"), text("nl", "Haus")));
}

TEST_CASE("unknown and missing values are nobody else's") {
    Fixture f;
    for (const char* type : {"somevalue", "novalue"}) {
        CHECK_FALSE(f.same_snaks(missing_snak("P1", type), missing_snak("P1", type)));
        CHECK(f.check("Q5", {{"Q5$1", missing_snak("P1", type)}}).values.empty());
    }
}

TEST_CASE("a deprecated statement is not checked, and does not count for others") {
    Fixture f;
    const StatementText deprecated{"Q1$1", string_snak("P1", "x"), {}, {}, "deprecated"};
    const StatementText normal{"Q2$1", string_snak("P1", "x")};
    CHECK_FALSE(f.same(deprecated, normal));
    CHECK_FALSE(f.same(normal, deprecated));
    CHECK(f.same({"Q1$1", string_snak("P1", "x"), {}, {}, "preferred"}, normal));
}

TEST_CASE("statements whose separators differ are not the same") {
    Fixture f({entity_snak("P4155", "P2"), entity_snak("P4155", "P3")});
    const auto with = [](const char* guid, const std::vector<std::string>& separators) {
        return StatementText{guid, string_snak("P1", "x"), separators};
    };
    const std::string a = string_snak("P2", "a");
    const std::string b = string_snak("P2", "b");
    CHECK(f.same(with("Q1$1", {}), with("Q2$1", {})));
    CHECK(f.same(with("Q1$1", {a, b}), with("Q2$1", {b, a})));
    CHECK(f.same(with("Q1$1", {a, string_snak("P9", "z")}), with("Q2$1", {a})));
    CHECK_FALSE(f.same(with("Q1$1", {a}), with("Q2$1", {b})));
    CHECK_FALSE(f.same(with("Q1$1", {a}), with("Q2$1", {})));
    CHECK_FALSE(f.same(with("Q1$1", {}), with("Q2$1", {a})));
    CHECK_FALSE(f.same(with("Q1$1", {a}), with("Q2$1", {a, b})));
    CHECK_FALSE(f.same(with("Q1$1", {a}), with("Q2$1", {string_snak("P3", "a")})));
    CHECK(f.same(with("Q1$1", {missing_snak("P2", "novalue")}),
                 with("Q2$1", {missing_snak("P2", "novalue")})));
    CHECK_FALSE(f.same(with("Q1$1", {missing_snak("P2", "novalue")}), with("Q2$1", {})));
    CHECK_FALSE(f.same(with("Q1$1", {missing_snak("P2", "somevalue")}),
                       with("Q2$1", {missing_snak("P2", "somevalue")})));
}

TEST_CASE("qualifiers are compared with qualifiers, references with references") {
    const auto qualified = [](const char* guid, const std::string& snak,
                              const char* rank = "normal") {
        return StatementText{guid, string_snak("P8", guid), {snak}, {}, rank};
    };
    const auto referenced = [](const char* guid, const std::string& snak,
                               const char* rank = "normal") {
        return StatementText{guid, string_snak("P8", guid), {}, {snak}, rank};
    };
    const std::string x = string_snak("P1", "x");
    Fixture f({}, {main_value, qualifiers, references});
    CHECK(f.same(qualified("Q1$1", x), qualified("Q2$1", x)));
    CHECK(f.same(referenced("Q1$1", x), referenced("Q2$1", x)));
    CHECK_FALSE(f.same(qualified("Q1$1", x), referenced("Q2$1", x)));
    CHECK_FALSE(f.same(qualified("Q1$1", x), StatementText{"Q2$1", x}));
    // there the whole value counts
    CHECK_FALSE(f.same(qualified("Q1$1", quantity("+1.0")), qualified("Q2$1", quantity("+1"))));
    CHECK(f.same(qualified("Q1$1", quantity("+1")), qualified("Q2$1", quantity("+1"))));
    // others' deprecated statements count for references only
    CHECK_FALSE(f.same(qualified("Q1$1", x, "deprecated"), qualified("Q2$1", x)));
    CHECK(f.same(qualified("Q1$1", x), qualified("Q2$1", x, "deprecated")));
    CHECK(f.same(referenced("Q1$1", x, "deprecated"), referenced("Q2$1", x)));

    Fixture main_only;
    CHECK_FALSE(main_only.same(qualified("Q1$1", x), qualified("Q2$1", x)));
    CHECK(main_only.check("Q5", {qualified("Q5$1", x)}).values.empty());
}

TEST_CASE("the message names at most ten others, sorted") {
    Fixture f;
    for (const char* subject : {"Q30", "Q4", "Q29", "Q28", "Q27", "Q26", "Q25", "Q24", "Q23",
                                "Q22", "Q21", "Q20"})
        f.check(subject, {{std::string{subject} + "$1", string_snak("P1", "x")}});
    const auto result = f.check("Q1", {{"Q1$1", string_snak("P1", "x")}});
    const auto value = boost::json::parse(result.value);
    const auto& message = value.at("results").at(0).at("m");
    CHECK(message.at("k") == "unique-value");
    const auto& argument = message.at("a").at(0);
    CHECK(argument.at("t") == "E");
    CHECK(argument.at("v").as_array().size() == 10);
    REQUIRE(result.values.size() == 1);
    CHECK(result.values.front().others == 10);
    CHECK(result.values.front().property == property("P1"));
    CHECK(result.dependencies.size() == 2); // itself and the property
}

TEST_CASE("separators that are none are a bad parameter") {
    Fixture f({entity_snak("P4155", "Q5")});
    const auto result = f.check("Q1", {{"Q1$1", string_snak("P1", "x")}});
    CHECK(result.counts[static_cast<std::size_t>(Status::bad_parameters)] == 1);
    CHECK(result.values.empty());
}

TEST_CASE("times become dates as in Wikibase's RDF") {
    const auto rdf = [](std::string_view time, int precision, bool julian = false) {
        return rdf_date({time,
                         julian ? "http://www.wikidata.org/entity/Q1985786"
                                : "http://www.wikidata.org/entity/Q1985727",
                         0, 0, 0, precision});
    };
    CHECK(rdf("+2014-05-06T07:08:09Z", 14) == "2014-05-06T07:08:09Z");
    CHECK(rdf("+2014-05-06T00:00:00Z", 10) == "2014-05-01T00:00:00Z");
    CHECK(rdf("+2014-05-06T00:00:00Z", 9) == "2014-01-01T00:00:00Z");
    CHECK(rdf("+2014-00-00T00:00:00Z", 9) == "2014-01-01T00:00:00Z");
    CHECK(rdf("+0079-10-24T00:00:00Z", 11) == "0079-10-24T00:00:00Z");
    CHECK(rdf("-0044-03-15T00:00:00Z", 11) == "-0043-03-15T00:00:00Z");
    CHECK(rdf("-0001-00-00T00:00:00Z", 9) == "0000-01-01T00:00:00Z");
    CHECK(rdf("-0100-00-00T00:00:00Z", 7) == "-0100-01-01T00:00:00Z");
    CHECK(rdf("+2015-02-31T00:00:00Z", 11) == "2015-02-28T00:00:00Z");
    CHECK(rdf("+2016-02-31T00:00:00Z", 11) == "2016-02-29T00:00:00Z");
    CHECK(rdf("+2015-04-31T00:00:00Z", 11) == "2015-04-30T00:00:00Z");
    CHECK(rdf("+13798000000-00-00T00:00:00Z", 3) == "13798000000-01-01T00:00:00Z");
    CHECK(rdf("-13798000000-00-00T00:00:00Z", 3) == "-13798000000-01-01T00:00:00Z");
    CHECK(rdf("+0000-01-01T00:00:00Z", 9) == "+0000-01-01T00:00:00Z");
    CHECK(rdf("+1917-10-25T00:00:00Z", 11, true) == "1917-11-07T00:00:00Z");
    CHECK(rdf("-0044-03-15T00:00:00Z", 11, true) == "-0043-03-13T00:00:00Z");
    CHECK(rdf("-4713-01-01T00:00:00Z", 11, true) == "-4712-01-01T00:00:00Z");
    CHECK(rdf("+1917-10-00T00:00:00Z", 10, true) == "1917-10-01T00:00:00Z");
}
