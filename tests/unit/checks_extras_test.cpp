// SPDX-License-Identifier: GPL-2.0-or-later
// Extras are beside WBQC's results: what is there without them is there with them, byte for byte.
#include "checks/engine.hpp"
#include "checks/entity_check.hpp"
#include "config/fingerprint.hpp"
#include "config/wiki_settings.hpp"
#include "entity_builders.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using namespace runner::checks;
using namespace runner::test;
using runner::results::Status;
namespace json = boost::json;

namespace {

constexpr const char* none_of = "Q52558054";
constexpr const char* single_value = "Q19474404";
constexpr const char* description = "Q111204896";
constexpr const char* value_category = "Q64006792";

struct Fixture {
    MapSource source;
    runner::config::WikiSettings wiki;

    [[nodiscard]] runner::results::StoredResult stored(const std::string& text) {
        Engine engine(wiki, {.now = 1'767'225'600});
        return engine.check(gather(engine, text));
    }
    [[nodiscard]] std::string line(const std::string& text) {
        Engine engine(wiki, {.now = 1'767'225'600});
        const Gathered gathered = gather(engine, text);
        std::string out;
        Engine::append_line(engine.run(gathered), out);
        return out;
    }

private:
    Gathered gather(Engine& engine, const std::string& text) {
        const auto document = runner::entity::parse_entity(text);
        return engine.gather(document, document->entity().id, document->entity().revision, source);
    }
};

std::string without_own(const runner::results::StoredResult& result) {
    std::string out = result.value;
    for (const auto& pair : result.violations)
        if (!pair.own)
            out += pair.statement + pair.constraint + pair.message_key;
    return out;
}

/// The fix of a violated constraint with these qualifiers.
std::string fix_with(const std::vector<std::string>& qualifiers) {
    Fixture f;
    f.wiki.extras = {"fix"};
    auto parameters = qualifiers;
    parameters.push_back(entity_snak("P2305", "Q5"));
    f.source.put(property_json("P1", {{"P1$c", none_of, parameters}}));
    const auto result = f.stored(entity_json("Q1", {{"Q1$a", entity_snak("P1", "Q5")}}));
    REQUIRE(result.violations.size() == 1);
    CHECK_FALSE(result.violations.front().own);
    return result.violations.front().fix;
}

} // namespace

TEST_CASE("a fix says which property or value is to be used instead", "[checks]") {
    CHECK(fix_with({entity_snak("P6824", "P7")}) == R"({"replace_property":"P7","own":true})");
    CHECK(fix_with({string_snak("P9729", "a\\\"b")}) ==
          R"({"replace_value":{"value":"a\"b","type":"string"},"own":true})");
    CHECK(fix_with({entity_snak("P9729", "Q6"), entity_snak("P6824", "P7")}) ==
          R"({"replace_property":"P7","replace_value":{"value":{"entity-type":"item",)"
          R"("numeric-id":6,"id":"Q6"},"type":"wikibase-entityid"},"own":true})");
}

TEST_CASE("of a fix no value is null, several are a list, and the rest is left out", "[checks]") {
    CHECK(fix_with({missing_snak("P6824", "novalue")}) ==
          R"({"replace_property":null,"own":true})");
    CHECK(fix_with({entity_snak("P6824", "P8"), entity_snak("P6824", "P7")}) ==
          R"({"replace_property":["P8","P7"],"own":true})");
    CHECK(fix_with({missing_snak("P6824", "somevalue")}).empty());
    CHECK(fix_with({entity_snak("P6824", "Q7"), string_snak("P6824", "P7")}).empty());
    CHECK(fix_with({}).empty());
}

TEST_CASE("a fix is in the list of extras with the place of the violation", "[checks]") {
    Fixture f;
    f.source.put(property_json("P1", {{"P1$c", single_value, {entity_snak("P6824", "P7")}}}));
    const std::string text =
        entity_json("Q1", {{"Q1$a", string_snak("P1", "a")}, {"Q1$b", string_snak("P1", "b")}});
    const auto without = f.stored(text);
    const std::string line = f.line(text);
    CHECK(without.own.empty());
    CHECK(without.violations.front().fix.empty());

    f.wiki.extras = {"fix"};
    const auto with = f.stored(text);
    CHECK(with.value == without.value);
    CHECK(with.counts == without.counts);
    const json::value own = json::parse(with.own);
    REQUIRE(own.as_array().size() == 2);
    const json::object& first = own.at(0).as_object();
    CHECK(first.at("own").as_bool());
    CHECK(first.at("|").at("t").as_string() == "statement");
    CHECK(first.at("c").at("id").as_string() == "P1$c");
    CHECK(first.at("fix").at("replace_property").as_string() == "P7");
    CHECK_FALSE(first.contains("s")); // the verdict is WBQC's

    std::string longer = f.line(text);
    const std::string member = ",\"own\":" + with.own;
    REQUIRE(longer.find(member) != std::string::npos);
    CHECK(longer.erase(longer.find(member), member.size()) == line);
}

TEST_CASE("a check of the runner's own leaves WBQC's result as it is", "[checks]") {
    Fixture f;
    f.source.put(property_json(
        "P1", {{"P1$d", description, {string_snak("P424", "en"), entity_snak("P6824", "P7")}}}));
    const std::string text = entity_json("Q1", {{"Q1$a", string_snak("P1", "a")}}, 3,
                                         R"(,"descriptions":{"de":{},"fr":{}})");
    const auto without = f.stored(text);
    CHECK(without.counts[static_cast<std::size_t>(Status::todo)] == 1);
    CHECK(without.violations.empty());

    f.wiki.extras = {"types", "fix"};
    const auto with = f.stored(text);
    CHECK(without_own(with) == without_own(without));
    CHECK(with.counts == without.counts);
    REQUIRE(with.violations.size() == 1);
    const auto& pair = with.violations.front();
    CHECK((pair.own && pair.status == Status::warning));
    CHECK(pair.type == description);
    CHECK(pair.message_key == "description-in-language");
    CHECK(pair.fix == R"({"replace_property":"P7","own":true})");
    const json::value own = json::parse(with.own);
    REQUIRE(own.as_array().size() == 1);
    CHECK(own.at(0).at("s").as_string() == "warning");
    CHECK(own.at(0).at("sentence").as_string() ==
          "An entity with P1 should have a description in one of these languages: en.");
    CHECK(own.at(0).at("fix").at("replace_property").as_string() == "P7");

    const auto described = f.stored(entity_json("Q1", {{"Q1$a", string_snak("P1", "a")}}, 3,
                                                R"(,"descriptions":{"de":{},"en":{}})"));
    CHECK(described.own.empty());
    CHECK(described.violations.empty());
}

TEST_CASE("what a check of the runner's own reads is a dependency that no one names", "[checks]") {
    Fixture f;
    f.source.put(property_json("P1", {{"P1$c", value_category, {entity_snak("P2305", "Q5")}}}, 0,
                               "wikibase-lexeme"));
    f.source.put(entity_json("L1", {}, 7, R"(,"lexicalCategory":"Q6")"));
    const std::string text = entity_json("Q1", {{"Q1$a", entity_snak("P1", "L1")}}, 3);
    CHECK(f.stored(text).dependencies.size() == 2); // itself and the property
    f.wiki.extras = {"types"};
    const auto first = f.stored(text);
    REQUIRE(first.violations.size() == 1);
    REQUIRE(first.dependencies.size() == 3);
    CHECK(first.dependencies.back().id == id("L1"));
    CHECK_FALSE(first.dependencies.back().named);
    CHECK(first.value.find("\"L1\"") == std::string::npos);

    f.source.put(entity_json("L1", {}, 8, R"(,"lexicalCategory":"Q5")"));
    const auto second = f.stored(text);
    CHECK(second.violations.empty());
    CHECK(second.dependencies.back().seen != first.dependencies.back().seen);
    // and the lexeme's own result says that it is seen differently now
    CHECK(f.stored(entity_json("L1", {}, 8, R"(,"lexicalCategory":"Q5")")).seen ==
          second.dependencies.back().seen);
}

TEST_CASE("without types the lexical category changes nothing that others see", "[checks]") {
    Fixture f;
    const auto seen = [&](const char* category) {
        return f
            .stored(
                entity_json("L1", {}, 7, std::string(R"(,"lexicalCategory":")") + category + '"'))
            .seen;
    };
    CHECK(seen("Q5") == seen("Q6"));
    f.wiki.extras = {"types"};
    CHECK(seen("Q5") != seen("Q6"));
}

TEST_CASE("extras and their ids decide results only where there are extras", "[config]") {
    using runner::config::ConstraintId;
    runner::config::WikiSettings wiki;
    const std::string none = runner::config::fingerprint(wiki);
    wiki.ids.set(ConstraintId::ReplacementProperty, "P5");
    CHECK(runner::config::fingerprint(wiki) == none);
    wiki.extras = {"fix"};
    const std::string fix = runner::config::fingerprint(wiki);
    CHECK(fix != none);
    wiki.ids.set(ConstraintId::ReplacementProperty, "P6");
    CHECK(runner::config::fingerprint(wiki) != fix);
}
