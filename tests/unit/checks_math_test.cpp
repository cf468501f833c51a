// SPDX-License-Identifier: GPL-2.0-or-later
// Arithmetic of the range checks: times as PHP's DataValues count them (expected numbers were
// printed by TimeValueCalculator under PHP 8.2), and conversion of units.
#include "base/error.hpp"
#include "checks/time_math.hpp"
#include "checks/unit_converter.hpp"
#include "temp_dir.hpp"

#include <catch2/catch.hpp>

using namespace runner::checks;
using runner::entity::TimeValue;
using runner::test::TempDir;

namespace {

TimeValue time_of(std::string_view text, int timezone = 0) {
    TimeValue value;
    value.time = text;
    value.timezone = timezone;
    return value;
}

double years(std::string_view a, std::string_view b) {
    return difference_in_years(moment_of(time_of(a)), moment_of(time_of(b)));
}

const std::string base = "http://www.wikidata.org/entity/";

} // namespace

TEST_CASE("times are seconds since 1970", "[checks]") {
    const auto [text, expected] = GENERATE(table<const char*, double>({
        {"+1970-01-01T00:00:00Z", 0},
        {"+1969-12-31T23:59:59Z", -1},
        {"+2000-02-29T00:00:00Z", 951782400},
        {"+2000-03-01T00:00:00Z", 951868800},
        {"+1900-02-28T23:59:59Z", -2203891201},
        {"+1900-03-01T00:00:00Z", -2203891200}, // 1900 was no leap year
        {"+2100-12-31T00:00:00Z", 4133894400},
        {"+2016-12-31T23:59:60Z", 1483228800},
        {"+2001-02-30T00:00:00Z", 983491200}, // runs over into March
        {"+2004-00-00T00:00:00Z", 1072915200},
        {"+2004-05-00T00:00:00Z", 1083369600},
        {"+0001-01-01T00:00:00Z", -62135596800},
        {"-0001-12-31T23:59:59Z", -62135596801}, // there is no year 0
        {"-0001-01-01T00:00:00Z", -62167219200},
        {"+0000-00-00T00:00:00Z", -62167219200},
        {"-0001-02-29T00:00:00Z", -62162121600}, // the leap year before year 1
        {"-0004-01-01T00:00:00Z", -62261827200},
        {"-0005-02-29T00:00:00Z", -62288352000},
        {"-0101-03-01T00:00:00Z", -65317795200},
        {"-0401-12-31T00:00:00Z", -74758464000},
        {"-13798000000-00-00T00:00:00Z", -4.354228858315968E+17},
        {"+292277026597-01-01T00:00:00Z", 9.22337203685714E+18},
        {"+9999999999999999-12-31T00:00:00Z", 3.155695199999378E+23},
        {"-9999999999999999-01-01T00:00:00Z", -3.155695200000621E+23},
    }));
    CAPTURE(text);
    CHECK(timestamp(time_of(text)) == expected);
}

TEST_CASE("a timezone is subtracted", "[checks]") {
    CHECK(timestamp(time_of("+1970-01-01T00:00:00Z", 60)) == -3600);
    CHECK(timestamp(time_of("+1970-01-01T00:00:00Z", -90)) == 5400);
}

TEST_CASE("the time of the check is what it is", "[checks]") {
    CHECK(timestamp(std::int64_t{951782400}) == timestamp(time_of("+2000-02-29T00:00:00Z")));
}

TEST_CASE("differences in years count halves", "[checks]") {
    CHECK(years("+2000-01-01T00:00:00Z", "+1990-01-01T00:00:00Z") == 10);
    CHECK(years("+2000-06-01T00:00:00Z", "+1990-01-01T00:00:00Z") == 10.5);
    CHECK(years("+2000-01-01T00:00:00Z", "+1990-06-01T00:00:00Z") == 9.5);
    CHECK(years("+1990-01-01T00:00:00Z", "+2000-01-01T00:00:00Z") == -10);
    CHECK(years("+2000-00-00T00:00:00Z", "+2000-01-01T00:00:00Z") == 0);
    CHECK(years("+2000-02-29T00:00:00Z", "+1999-03-01T00:00:00Z") == 1); // as in a common year
    CHECK(years("+0001-01-01T00:00:00Z", "-0001-01-01T00:00:00Z") == 1);
    CHECK(years("-0001-01-01T00:00:00Z", "+0001-01-01T00:00:00Z") == -1);
    CHECK(years("-0010-01-01T00:00:00Z", "-0020-01-01T00:00:00Z") == 10);
    CHECK(years("+9999999999999999-01-01T00:00:00Z", "-9999999999999999-01-01T00:00:00Z") ==
          9999999999999999.0 + 9999999999999999.0 - 1.0);
}

TEST_CASE("quantities are converted by the wiki's file", "[checks]") {
    const TempDir dir;
    const UnitConverter units(dir.write("units.json", R"({
        "Q828224": {"factor": "1000", "unit": "Q11573"},
        "Q11573": {"factor": "1", "unit": "Q11573"},
        "Q3710": {"factor": "0.3048", "unit": "http://www.wikidata.org/entity/Q11573"},
        "Q41803": ["0.001", "Q11570"],
        "Q1": {"factor": "0", "unit": "Q2"},
        "Q3": {"factor": "-1", "unit": "Q2"},
        "Q4": {"factor": "many", "unit": "Q2"},
        "Q5": {"factor": 2.5, "unit": "Q2"}})"),
                              base);
    const auto standard = [&](std::string_view amount, const std::string& unit) {
        const auto result = units.standardize({amount, unit, {}, {}});
        return result.amount + " " + result.unit;
    };
    CHECK(standard("+1.5", base + "Q828224") == "+1500.0 " + base + "Q11573");
    CHECK(standard("-10", base + "Q3710") == "-3.0480 " + base + "Q11573");
    CHECK(standard("+7", base + "Q41803") == "+0.007 " + base + "Q11570");
    CHECK(standard("+2", base + "Q5") == "+5.0 " + base + "Q2");
    SECTION("with bounds the amount is rounded to what means anything between them") {
        const std::string feet = base + "Q3710";
        const auto bounded = [&](std::string_view amount, std::string_view lower,
                                 std::string_view upper) {
            return units.standardize({amount, feet, upper, lower}).amount;
        };
        CHECK(bounded("+10", "+9", "+11") == "+3.0");
        CHECK(bounded("+10", "+9", "+10.01") == "+3.048"); // the nearer bound decides
        CHECK(bounded("+10", "+10", "+10") == "+3.0480");
        CHECK(bounded("+10", "-500", "+600") == "+0");
        CHECK(bounded("+500", "+100", "+900") == "+200"); // ±121.92
        CHECK(bounded("-0.1", "-10", "+10") == "+0");
        CHECK(bounded("-0.1", "-1", "+1") == "+0.0");
    }
    SECTION("what has no conversion stays as it is") {
        CHECK(standard("+1", "1") == "+1 1");
        CHECK(standard("+1", base + "Q11573") == "+1 " + base + "Q11573");
        CHECK(standard("+1", base + "Q999") == "+1 " + base + "Q999");
        CHECK(standard("+1", "http://other.example/Q828224") == "+1 http://other.example/Q828224");
    }
    SECTION("factors that Wikibase refuses do not convert") {
        CHECK(standard("+1", base + "Q1") == "+1 " + base + "Q1");
        CHECK(standard("+1", base + "Q3") == "+1 " + base + "Q3");
        CHECK(standard("+1", base + "Q4") == "+1 " + base + "Q4");
    }
}

TEST_CASE("without a file nothing is converted", "[checks]") {
    const UnitConverter units({}, base);
    const std::string unit = base + "Q828224";
    CHECK(units.standardize({"+1", unit, {}, {}}).unit == unit);
}

TEST_CASE("an invalid conversion file is an error that names it", "[checks]") {
    using Catch::Contains;
    const TempDir dir;
    CHECK_THROWS_WITH(UnitConverter(dir.path() / "away.json", base),
                      Contains("unit_conversion") && Contains("away.json"));
    CHECK_THROWS_WITH(UnitConverter(dir.write("a.json", "{"), base), Contains("a.json"));
    CHECK_THROWS_WITH(UnitConverter(dir.write("b.json", "[]"), base), Contains("b.json"));
    CHECK_THROWS_WITH(UnitConverter(dir.write("c.json", R"({"Q1": {"factor": "1"}})"), base),
                      Contains("Q1 has no unit"));
}
