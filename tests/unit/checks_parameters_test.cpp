// SPDX-License-Identifier: GPL-2.0-or-later
// All problems of a constraint's parameters at once, as WBQC's checkConstraintParameters lists
// them: the common ones first, then those of the check.
#include "checks/property_checks.hpp"
#include "checks/registry.hpp"
#include "checks/unit_converter.hpp"
#include "entity_builders.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace runner::checks;
using namespace runner::test;

namespace {

using Keys = std::vector<std::string>;

Keys problems_with(const std::string& check, const std::vector<std::string>& parameters,
                   const std::string& data_type = "string") {
    const runner::config::WikiSettings wiki;
    const runner::constraints::Vocabulary vocabulary(wiki.ids);
    const UnitConverter units({}, wiki.concept_base_uri);
    const CheckSettings settings{wiki, vocabulary, units, 0};
    const auto* row = find_check(check);
    REQUIRE(row != nullptr);
    const auto document = runner::entity::parse_entity(
        entity_json("P1", {{"P1$1", entity_snak("P2302", wiki.ids[row->type]), parameters}}, 0,
                    R"(,"datatype":")" + data_type + '"'));
    const PropertyChecks checks(property("P1"), 1, document, settings);
    REQUIRE(checks.constraints().size() == 1);
    Keys keys;
    for (const auto& problem : problems_of(checks.constraints()[0]))
        keys.emplace_back(problem.key());
    return keys;
}

const std::string bad_exception = string_snak("P2303", "x");
const std::string bad_clarification = string_snak("P6607", "x");
const std::string bad_status = entity_snak("P2316", "Q5");
const std::string bad_scope = missing_snak("P4680", "novalue");

} // namespace

TEST_CASE("sound parameters have no problems", "[checks]") {
    CHECK(problems_with("single-value", {}).empty());
    CHECK(problems_with("single-value", {entity_snak("P4155", "P5")}).empty());
    CHECK(problems_with("format", {string_snak("P1793", "a+")}).empty());
    CHECK(problems_with("one-of", {entity_snak("P2305", "Q5"), missing_snak("P2305", "novalue")})
              .empty());
    CHECK(problems_with("conflicts-with", {entity_snak("P2306", "P5")}).empty());
    CHECK(problems_with("allowed-qualifiers", {missing_snak("P2306", "novalue")}).empty());
    CHECK(problems_with("property-scope", {entity_snak("P5314", "Q54828448")}).empty());
}

TEST_CASE("checks without parameters have no problems of their own", "[checks]") {
    const std::string check =
        GENERATE(as<std::string>{}, "citation-needed", "integer", "no-bounds", "used-as-qualifier",
                 "used-as-reference", "used-for-values-only", "symmetric", "contemporary");
    CHECK(problems_with(check, {string_snak("P2305", "x"), string_snak("P1793", "(")}).empty());
    CHECK(problems_with(check, {bad_status}) == Keys{"parameter-oneof"});
}

TEST_CASE("common problems are all reported, in their order", "[checks]") {
    CHECK(
        problems_with("single-value", {bad_scope, bad_status, bad_clarification, bad_exception}) ==
        Keys{"parameter-entity", "parameter-monolingualtext", "parameter-oneof",
             "parameter-value"});
}

TEST_CASE("problems of the check follow the common ones", "[checks]") {
    CHECK(problems_with("format", {bad_status, missing_snak("P1793", "somevalue"),
                                   string_snak("P2916", "x")}) ==
          Keys{"parameter-oneof", "parameter-value", "parameter-monolingualtext"});
    CHECK(problems_with("conflicts-with", {string_snak("P2305", "x")}) ==
          Keys{"parameter-needed", "parameter-item"});
    CHECK(problems_with("difference-within-range", {}) ==
          Keys{"range-parameters-needed", "parameter-needed"});
    CHECK(problems_with("subject-type", {}) == Keys{"parameter-needed", "parameter-needed"});
}

TEST_CASE("missing parameters are reported for every check that needs them", "[checks]") {
    const std::string check =
        GENERATE(as<std::string>{}, "allowed-entity-types", "allowed-qualifiers", "allowed-units",
                 "conflicts-with", "format", "item-requires-statement", "label-in-language",
                 "lexeme-language", "mandatory-qualifiers", "none-of", "one-of", "property-scope",
                 "inverse", "value-requires-statement");
    CHECK(problems_with(check, {}) == Keys{"parameter-needed"});
}

TEST_CASE("the data type of the property says which bounds a range needs", "[checks]") {
    const std::vector<std::string> quantities{
        value_snak("P2313", "quantity", R"({"amount":"+1","unit":"1"})"),
        missing_snak("P2312", "novalue")};
    CHECK(problems_with("range", quantities, "quantity").empty());
    CHECK(problems_with("range", quantities, "time") == Keys{"range-parameters-needed"});
    CHECK(problems_with("range", quantities, "string") == Keys{"value-needed-of-types-2"});
    CHECK(problems_with("range",
                        {missing_snak("P2310", "somevalue"), missing_snak("P2311", "novalue")},
                        "time")
              .empty());
}

TEST_CASE("parameters that are too long are one common problem and one of the check", "[checks]") {
    const std::string text(60'000, 'a');
    CHECK(problems_with("format", {string_snak("P1793", text), bad_status}) ==
          Keys{"parameters-error-toolong", "parameters-error-toolong"});
    CHECK(problems_with("integer", {string_snak("P1793", text)}) ==
          Keys{"parameters-error-toolong"});
}

TEST_CASE("units are read as items when only parameters are checked", "[checks]") {
    CHECK(problems_with("allowed-units", {string_snak("P2305", "x")}) == Keys{"parameter-item"});
    CHECK(
        problems_with("allowed-units", {missing_snak("P2305", "somevalue")}).empty()); // as in WBQC
}

TEST_CASE("the registry is sorted by name, and one check of WBQC is for each type", "[checks]") {
    std::string last;
    std::vector<runner::config::ConstraintId> types;
    for (const CheckRow* row : all_checks()) {
        CHECK(last < row->name);
        last = row->name;
        if (!row->extra || *row->extra == runner::config::Extra::types) {
            CHECK(std::find(types.begin(), types.end(), row->type) == types.end());
            types.push_back(row->type);
        }
        CHECK(row->run != nullptr);
        CHECK((row->read == nullptr) == (row->validate == nullptr));
        CHECK(find_check(row->name) == row);
    }
    CHECK(find_check("nothing") == nullptr);
}
