// SPDX-License-Identifier: GPL-2.0-or-later
// Distinct values: which values are the same for WBQC's SPARQL queries, and what is said of those
// that other entities have.
#include "checks/engine.hpp"
#include "checks/rdf_value.hpp"
#include "config/wiki_settings.hpp"
#include "entity_builders.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <map>

using namespace runner::checks;
using namespace runner::test;
using runner::config::WbqcVersion;
using runner::results::IndexedValue;
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

    explicit Fixture(WbqcVersion version = runner::config::newest_wbqc,
                     const std::vector<std::string>& parameters = {},
                     const std::vector<std::string>& scopes = {},
                     const std::string& data_type = "string") {
        wiki.wbqc = version;
        std::vector<std::string> all = parameters;
        for (const std::string& scope : scopes)
            all.push_back(entity_snak("P4680", scope));
        source.put(property_json("P1", {{"P1$1", distinct_values, all}}, 0, data_type));
    }

    runner::results::StoredResult check(std::string_view subject,
                                        const std::vector<StatementText>& statements) {
        Engine engine(wiki, {.now = 1'767'225'600, .values = index});
        const auto document = runner::entity::parse_entity(entity_json(subject, statements, 1));
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
                      R"({"amount":")" + std::string{amount} + R"(","unit":")" + std::string{unit} +
                          "\"}");
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

TEST_CASE("until 1.43 main values are the same as their simple RDF values") {
    Fixture f(WbqcVersion::v1_43);
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

TEST_CASE("unknown and missing values are never shared") {
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

TEST_CASE("from 1.44 on main values are compared whole") {
    Fixture f(WbqcVersion::v1_44);
    CHECK(f.same_snaks(string_snak("P1", "x"), string_snak("P1", "x")));
    CHECK(f.same_snaks(entity_snak("P1", "Q5"), entity_snak("P1", "Q5")));
    const std::string kilogram = "http://www.wikidata.org/entity/Q11570";
    const std::string metre = "http://www.wikidata.org/entity/Q11573";
    CHECK(f.same_snaks(quantity("+5", kilogram), quantity("+5", kilogram)));
    CHECK_FALSE(f.same_snaks(quantity("+5", kilogram), quantity("+5", metre)));
    CHECK_FALSE(f.same_snaks(quantity("+5"), quantity("+5.0")));
    CHECK_FALSE(
        f.same_snaks(quantity("+5"), value_snak("P1", "quantity",
                                                R"({"amount":"+5","unit":"1","upperBound":"+6",)"
                                                R"("lowerBound":"+4"})")));
    CHECK(f.same_snaks(date("+1950-05-01T00:00:00Z", 11), date("+1950-05-01T00:00:00Z", 11)));
    CHECK_FALSE(f.same_snaks(date("+2000-00-00T00:00:00Z", 9), date("+2000-01-01T00:00:00Z", 11)));
    CHECK_FALSE(f.same_snaks(date("+1582-10-05T00:00:00Z", 11, "Q1985786"),
                             date("+1582-10-15T00:00:00Z", 11)));
    CHECK(f.same_snaks(point("1.5", "2"), point("1.5", "2.0")));
    CHECK_FALSE(f.same_snaks(point("1.5", "2"), point("1.5", "2", "Q2", "0.01")));
    CHECK(f.same_snaks(text("de", "Haus"), text("de", "Haus")));
    CHECK_FALSE(f.same_snaks(text("de", "Haus"), text("nl", "Haus")));
}

TEST_CASE("white space around an identifier or a URL does not count") {
    for (const WbqcVersion version : {WbqcVersion::v1_43, WbqcVersion::v1_44}) {
        for (const char* type : {"external-id", "url"}) {
            Fixture f(version, {}, {}, type);
            CHECK(f.same_snaks(string_snak("P1", "x y"), string_snak("P1", " x y\\t\\n")));
            CHECK_FALSE(f.same_snaks(string_snak("P1", "x y"), string_snak("P1", "xy")));
            CHECK(f.same_snaks(string_snak("P1", ""), string_snak("P1", " ")));
        }
        Fixture plain(version);
        CHECK_FALSE(plain.same_snaks(string_snak("P1", "x"), string_snak("P1", " x")));
    }
}

namespace {

const std::string a = string_snak("P2", "a");
const std::string b = string_snak("P2", "b");
const std::string unknown = missing_snak("P2", "somevalue");
const std::string none = missing_snak("P2", "novalue");
const std::vector<std::string> two_separators{entity_snak("P4155", "P2"),
                                              entity_snak("P4155", "P3")};

/// Whether a statement with the separators `mine` finds another one with `others`.
bool finds(Fixture& f, const std::vector<std::string>& mine,
           const std::vector<std::string>& others) {
    return f.same({"Q1$1", string_snak("P1", "x"), others}, {"Q2$1", string_snak("P1", "x"), mine});
}

} // namespace

TEST_CASE("both versions agree on statements that have the same separators, or none of these") {
    const auto version = GENERATE(WbqcVersion::v1_43, WbqcVersion::v1_44);
    Fixture f(version, two_separators);
    CHECK(finds(f, {}, {}));
    CHECK(finds(f, {a, b}, {b, a}));
    CHECK(finds(f, {a}, {a, string_snak("P9", "z")}));
    CHECK(finds(f, {none}, {none}));
    CHECK(finds(f, {a, string_snak("P3", "c")}, {string_snak("P3", "c"), a}));
    CHECK_FALSE(finds(f, {a}, {b}));
    CHECK_FALSE(finds(f, {a}, {}));
    CHECK_FALSE(finds(f, {}, {a}));
    CHECK_FALSE(finds(f, {a}, {string_snak("P3", "a")}));
    CHECK_FALSE(finds(f, {none}, {}));
    CHECK_FALSE(finds(f, {}, {none}));
    CHECK_FALSE(finds(f, {unknown}, {unknown}));
    CHECK_FALSE(finds(f, {}, {unknown}));
    CHECK_FALSE(finds(f, {a, b}, {a}));
    CHECK_FALSE(finds(f, {a, string_snak("P3", "c")}, {a}));
}

TEST_CASE("until 1.43 the separators of both statements are the same") {
    Fixture f(WbqcVersion::v1_43, two_separators);
    CHECK_FALSE(finds(f, {a}, {a, b}));
    CHECK_FALSE(finds(f, {a}, {a, none}));
    CHECK_FALSE(finds(f, {a}, {a, unknown}));
}

TEST_CASE("from 1.44 on the other statement may have more separator values") {
    Fixture f(WbqcVersion::v1_44, two_separators);
    const std::string c = string_snak("P3", "c");
    const std::string d = string_snak("P3", "d");
    CHECK(finds(f, {a}, {a, b}));
    CHECK(finds(f, {none}, {a, none}));
    CHECK(finds(f, {a}, {a, unknown}));
    CHECK(finds(f, {b, d}, {c, a, d, b}));
    CHECK(finds(f, {c}, {c, d}));
    CHECK_FALSE(finds(f, {c}, {c, d, a})); // it lacks P2
    CHECK_FALSE(finds(f, {c}, {c, unknown}));
    CHECK_FALSE(finds(f, {a, unknown}, {a, unknown}));
    CHECK_FALSE(finds(f, {a, c}, {a, b, d}));
    // whole values are compared
    CHECK_FALSE(finds(f, {value_snak("P2", "quantity", R"({"amount":"+1","unit":"1"})")},
                      {value_snak("P2", "quantity", R"({"amount":"+1.0","unit":"1"})")}));
}

TEST_CASE("a statement with very many separator values is found only by those with all of them") {
    Fixture f(WbqcVersion::v1_44, two_separators);
    std::vector<std::string> many;
    for (int n = 0; n < 8; ++n)
        many.push_back(string_snak("P2", std::to_string(n)));
    CHECK(f.check("Q9", {{"Q9$1", string_snak("P1", "x"), many}}).values.size() == 255);
    CHECK(finds(f, {many[3], many[6]}, many));
    many.push_back(string_snak("P2", "8"));
    CHECK(f.check("Q9", {{"Q9$1", string_snak("P1", "x"), many}}).values.size() == 1);
    CHECK(finds(f, many, many));
    CHECK_FALSE(finds(f, {many[3]}, many));
    for (int n = 0; n < 200; ++n)
        many.push_back(string_snak("P2", "more " + std::to_string(n)));
    CHECK(finds(f, many, many));
}

namespace {

StatementText qualified(const char* guid, const std::string& snak, const char* rank = "normal",
                        const std::string& main = string_snak("P8", "y")) {
    return {guid, main, {snak}, {}, rank};
}

StatementText referenced(const char* guid, const std::string& snak, const char* rank = "normal",
                         const std::string& main = string_snak("P8", "y")) {
    return {guid, main, {}, {snak}, rank};
}

} // namespace

TEST_CASE("qualifiers are compared with qualifiers, references with references") {
    const std::string x = string_snak("P1", "x");
    Fixture f(WbqcVersion::v1_43, {}, {main_value, qualifiers, references});
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

    Fixture main_only(WbqcVersion::v1_43);
    CHECK_FALSE(main_only.same(qualified("Q1$1", x), qualified("Q2$1", x)));
    CHECK(main_only.check("Q5", {qualified("Q5$1", x)}).values.empty());
}

TEST_CASE("from 1.44 on qualifiers and references are searched in statements of their property") {
    const std::string x = string_snak("P1", "x");
    const std::string y = string_snak("P1", "y");
    Fixture f(WbqcVersion::v1_44, {}, {qualifiers, references});
    CHECK_FALSE(f.same(qualified("Q1$1", x), qualified("Q2$1", x)));
    CHECK_FALSE(f.same(referenced("Q1$1", x), referenced("Q2$1", x)));
    CHECK(f.same(qualified("Q1$1", x, "normal", y), qualified("Q2$1", x)));
    CHECK(f.same(qualified("Q1$1", x, "normal", missing_snak("P1", "novalue")),
                 qualified("Q2$1", x)));
    CHECK_FALSE(f.same(qualified("Q1$1", x), qualified("Q2$1", x, "normal", y)));
    CHECK(f.same(referenced("Q1$1", x, "normal", y), referenced("Q2$1", x)));
    CHECK_FALSE(f.same(qualified("Q1$1", x, "normal", y), referenced("Q2$1", x)));
    CHECK_FALSE(f.same(qualified("Q1$1", x, "deprecated", y), qualified("Q2$1", x)));
    CHECK(f.same(qualified("Q1$1", x, "normal", y), qualified("Q2$1", x, "deprecated")));
    CHECK(f.same(referenced("Q1$1", x, "deprecated", y), referenced("Q2$1", x)));
}

TEST_CASE("an entity that only asks for a value leaves a row that others do not find") {
    const std::string x = string_snak("P1", "x");
    Fixture f(WbqcVersion::v1_44, {}, {qualifiers});
    const auto holder = f.check("Q1", {qualified("Q1$1", x, "normal", string_snak("P1", "y"))});
    REQUIRE(holder.values.size() == 1);
    runner::results::EntitySetHash named;
    CHECK(holder.values.front().others == named.value());
    const auto asker = f.check("Q2", {qualified("Q2$1", x)});
    REQUIRE(asker.values.size() == 1);
    CHECK(asker.values.front().key == runner::results::asking(holder.values.front().key));
    named.add("Q1");
    CHECK(asker.values.front().others == (named.value() | IndexedValue::only_asks));

    Fixture separated(WbqcVersion::v1_44, two_separators);
    const auto several = separated.check("Q1", {{"Q1$1", x, {a, b}}});
    REQUIRE(several.values.size() == 3);
    const auto asked =
        std::count_if(several.values.begin(), several.values.end(),
                      [](const IndexedValue& v) { return v.others != IndexedValue::not_asked; });
    CHECK(asked == 1);
}

TEST_CASE("the message names at most ten others, sorted") {
    Fixture f;
    for (const char* subject :
         {"Q30", "Q4", "Q29", "Q28", "Q27", "Q26", "Q25", "Q24", "Q23", "Q22", "Q21", "Q20"})
        f.check(subject, {{std::string{subject} + "$1", string_snak("P1", "x")}});
    const auto result = f.check("Q1", {{"Q1$1", string_snak("P1", "x")}});
    const auto value = boost::json::parse(result.value);
    const auto& message = value.at("results").at(0).at("m");
    CHECK(message.at("k") == "unique-value");
    const auto& argument = message.at("a").at(0);
    CHECK(argument.at("t") == "E");
    CHECK(argument.at("v").as_array().size() == 10);
    REQUIRE(result.values.size() == 1);
    runner::results::EntitySetHash named;
    for (const char* other : {"Q22", "Q23", "Q24", "Q25", "Q26", "Q27", "Q28", "Q29", "Q30", "Q4"})
        named.add(other);
    CHECK(result.values.front().others == named.value());
    CHECK(result.values.front().property == property("P1"));
    CHECK(result.dependencies.size() == 2); // itself and the property
}

TEST_CASE("separators that are none are a bad parameter") {
    Fixture f(runner::config::newest_wbqc, {entity_snak("P4155", "Q5")});
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

namespace {

/// The own verdict of Q2 on its one qualifier or reference, given those of Q1; empty: WBQC's.
std::string own_verdict(Fixture& f, const StatementText& first, const StatementText& second) {
    f.index->entities.clear();
    f.check("Q1", {first});
    const auto result = f.check("Q2", {second});
    if (result.own.empty())
        return {};
    const auto own = boost::json::parse(result.own);
    const auto& only = own.as_array().at(0).as_object();
    return std::string(only.at("|").at("t").as_string()) + " " +
           std::string(only.at("s").as_string()) + " " +
           std::string(only.at("m").at("a").as_array().at(0).at("v").as_array().at(0).as_string());
}

const StatementText with_qualifier{"Q1$1", string_snak("P5", "m"), {string_snak("P1", "x")}};
const StatementText another_qualifier{"Q2$1", string_snak("P6", "n"), {string_snak("P1", "x")}};
const StatementText with_reference{"Q1$1", string_snak("P5", "m"), {}, {string_snak("P1", "x")}};
const StatementText another_reference{"Q2$1", string_snak("P6", "n"), {}, {string_snak("P1", "x")}};

} // namespace

TEST_CASE("with the extra qualifiers and references are found in all statements, as until 1.43") {
    Fixture f(WbqcVersion::v1_44, {}, {qualifiers, references});
    CHECK(own_verdict(f, with_qualifier, another_qualifier).empty());
    for (const IndexedValue& value : f.check("Q3", {with_qualifier}).values)
        CHECK((value.others & IndexedValue::only_asks) !=
              0); // nothing is found that no check finds
    f.wiki.extras = {"distinct"};
    CHECK(own_verdict(f, with_qualifier, another_qualifier) == "qualifier warning Q1");
    CHECK(own_verdict(f, with_reference, another_reference) == "reference warning Q1");
    CHECK(own_verdict(f, with_reference, another_qualifier).empty());
    CHECK(own_verdict(f, with_qualifier, {"Q2$1", string_snak("P6", "n"), {string_snak("P1", "y")}})
              .empty());
    StatementText deprecated = with_qualifier;
    deprecated.rank = "deprecated";
    CHECK(own_verdict(f, deprecated, another_qualifier).empty());

    Fixture old(WbqcVersion::v1_43, {}, {qualifiers, references});
    CHECK(old.same(with_qualifier, another_qualifier));
    const auto values = old.index->entities;
    old.wiki.extras = {"distinct"};
    CHECK(own_verdict(old, with_qualifier, another_qualifier).empty()); // WBQC's own verdict
    CHECK(old.index->entities == values);
}

TEST_CASE("the extra changes neither WBQC's verdicts nor main values") {
    Fixture f(WbqcVersion::v1_44, {}, {main_value, qualifiers});
    const StatementText own_property{"Q1$1", string_snak("P1", "m"), {string_snak("P1", "x")}};
    const StatementText same_main{"Q2$1", string_snak("P1", "m"), {string_snak("P1", "x")}};
    const auto run = [&] {
        f.index->entities.clear();
        f.check("Q1", {own_property, with_qualifier});
        return f.check("Q2",
                       {same_main, {"Q2$2", string_snak("P6", "n"), {string_snak("P1", "x")}}});
    };
    const auto without = run();
    f.wiki.extras = {"distinct"};
    const auto with = run();
    CHECK(with.value == without.value);
    CHECK(with.counts == without.counts);
    CHECK(with.own.empty()); // WBQC finds it as well: it is in a statement of P1
}
