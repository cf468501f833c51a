// SPDX-License-Identifier: GPL-2.0-or-later
// Decimals as DataValues\DecimalValue keeps them. Expected texts were printed by DecimalValue
// itself (PHP 8.2), products by BCMath's rules.
#include "entity/decimal.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <random>

using namespace runner::entity;

TEST_CASE("decimals have one normal form", "[entity]") {
    const auto [text, expected] = GENERATE(table<const char*, const char*>({
        {"1", "+1"},
        {"+1", "+1"},
        {"-1", "-1"},
        {"+0", "+0"},
        {"-0", "+0"},
        {"-0.00", "+0.00"},
        {" 1 ", "+1"},
        {"1\n", "+1"},
        {"+1.50", "+1.50"},
        {"-12345678901234567890.12345678901234567890",
         "-12345678901234567890.12345678901234567890"},
    }));
    CHECK(normalize_decimal(text) == std::string{expected});
}

TEST_CASE("what DecimalValue refuses is no decimal", "[entity]") {
    const std::string text =
        GENERATE(as<std::string>{}, "", " ", "+", "-", "--1", "+01", "00", "+1.", "+.5", ".5",
                 "1e5", "0x1A", "１", "1,5", "1 000", "NaN", "INF", "1.5.2", "+ 1");
    CAPTURE(text);
    CHECK_FALSE(normalize_decimal(text));
}

TEST_CASE("a decimal has at most 127 characters", "[entity]") {
    CHECK(normalize_decimal("+" + std::string(126, '1')));
    CHECK(normalize_decimal(std::string(126, '1')));
    CHECK_FALSE(normalize_decimal("+" + std::string(127, '1')));
    CHECK_FALSE(normalize_decimal(std::string(127, '1')));
}

TEST_CASE("floats become decimals of 17 significant digits", "[entity]") {
    const auto [value, expected] = GENERATE(table<double, const char*>({
        {0.0, "+0"},
        {-0.0, "+0"},
        {1.0, "+1"},
        {0.1, "+0.10000000000000001"},
        {1.0 / 3, "+0.33333333333333331"},
        {1e15, "+1000000000000000"},
        {1e17, "+100000000000000000"},
        {1e25, "+10000000000000001000000000"},
        {1.5e-4, "+0.00014999999999999999"},
        {5e-7, "+0.00000049999999999999998"},
        {0.3 - 0.1, "+0.19999999999999998"},
        {-2.5, "-2.5"},
        {100000.5, "+100000.5"},
        {123456789012345678.0, "+123456789012345680"},
        {-1e-5, "-0.000010000000000000001"},
        {86400.0, "+86400"},
        {-13798000000.0 * 31556952, "-435422823696000000"},
    }));
    CHECK(decimal_from_double(value) == std::string{expected});
}

TEST_CASE("floats that are too long, or no numbers, have no decimal", "[entity]") {
    CHECK(decimal_from_double(1e100) == "+1" + std::string(100, '0'));
    CHECK(decimal_from_double(1e126)); // +99999999999999992000…
    CHECK_FALSE(decimal_from_double(1e127));
    CHECK(decimal_from_double(1e-100)->size() == 103);
    CHECK_FALSE(decimal_from_double(1.1e-120));
    CHECK_FALSE(decimal_from_double(std::numeric_limits<double>::infinity()));
    CHECK_FALSE(decimal_from_double(std::numeric_limits<double>::quiet_NaN()));
}

TEST_CASE("decimals are compared as numbers", "[entity]") {
    const auto [a, b, expected] = GENERATE(table<const char*, const char*, int>({
        {"+1", "+1", 0},
        {"+1", "+1.0", 0},
        {"+1.50", "+1.5", 0},
        {"+0", "+0.000", 0},
        {"+1", "+2", -1},
        {"-1", "-2", 1},
        {"-1", "+1", -1},
        {"+0", "-1", 1},
        {"+10", "+9", 1},
        {"-10", "-9", -1},
        {"+1.09", "+1.1", -1},
        {"+1.1", "+1.09999999999999999999999999", 1},
        {"-1.1", "-1.09", -1},
        {"+0.1", "+0", 1},
        {"+100000000000000000000000000000000001", "+100000000000000000000000000000000000", 1},
    }));
    CAPTURE(a, b);
    CHECK(compare_decimals(a, b) == expected);
    CHECK(compare_decimals(b, a) == -expected);
}

TEST_CASE("a decimal without a fraction, or with one of zeros, is an integer", "[entity]") {
    CHECK(is_integer("+5"));
    CHECK(is_integer("-5.000"));
    CHECK(is_integer("+0"));
    CHECK_FALSE(is_integer("+0.5"));
    CHECK_FALSE(is_integer("-100000000000000000000.00000000000000000001"));
}

TEST_CASE("products are exact", "[entity]") {
    const auto [a, b, expected] = GENERATE(table<const char*, const char*, const char*>({
        {"+1", "+1", "+1"},
        {"+1.5", "-2", "-3.0"},
        {"-1.50", "-2.0", "+3.000"},
        {"+0.3048", "+10", "+3.0480"},
        {"+1000", "+0.001", "+1.000"},
        {"+0", "-5", "+0"},
        {"-0.00", "+7", "+0.00"},
        {"+0.45359237", "+2", "+0.90718474"},
        {"+99999999999999999999", "+99999999999999999999",
         "+9999999999999999999800000000000000000001"},
        {"+9460800000000000", "+0.5", "+4730400000000000.0"},
    }));
    CAPTURE(a, b);
    CHECK(multiply_decimals(a, b) == std::string{expected});
    CHECK(multiply_decimals(b, a) == std::string{expected});
}

TEST_CASE("a product that is too long is rounded, or none", "[entity]") {
    const std::string nines = "+" + std::string(100, '9');
    CHECK_FALSE(multiply_decimals(nines, nines));
    const std::string thirds = "+0." + std::string(100, '3');
    const auto product = multiply_decimals(thirds, thirds);
    REQUIRE(product);
    CHECK(product->size() <= 127);
    CHECK(product->substr(0, 20) == "+0.11111111111111111");
}

TEST_CASE("a decimal and the nearest float agree, for thousands of numbers", "[entity]") {
    std::mt19937_64 random(20261121);
    std::uniform_real_distribution<double> mantissa(-1, 1);
    std::uniform_int_distribution<int> exponent(-30, 60);
    for (int i = 0; i < 5000; ++i) {
        const double value = std::ldexp(mantissa(random), exponent(random));
        const auto text = decimal_from_double(value);
        REQUIRE(text);
        REQUIRE(decimal_to_double(*text) == value);
        REQUIRE(normalize_decimal(*text) == *text);
        const double other = std::ldexp(mantissa(random), exponent(random));
        REQUIRE(compare_decimals(*text, *decimal_from_double(other)) == (value < other   ? -1
                                                                         : value > other ? 1
                                                                                         : 0));
    }
}
