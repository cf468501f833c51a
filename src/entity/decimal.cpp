// SPDX-License-Identifier: GPL-2.0-or-later
// Decimal arithmetic on text; see decimal.hpp. Follows DataValues\DecimalValue and
// DataValues\DecimalMath.
#include "entity/decimal.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <vector>

namespace runner::entity {

namespace {

constexpr std::size_t max_length = 127;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

std::string_view integer_part(std::string_view decimal) noexcept {
    decimal.remove_prefix(1);
    return decimal.substr(0, decimal.find('.'));
}

std::string_view fraction(std::string_view decimal) noexcept {
    const auto point = decimal.find('.');
    return point == std::string_view::npos ? std::string_view{} : decimal.substr(point + 1);
}

std::string_view without_leading_zeros(std::string_view digits) noexcept {
    const auto first = digits.find_first_not_of('0');
    return first == std::string_view::npos ? std::string_view{} : digits.substr(first);
}

std::string_view without_trailing_zeros(std::string_view digits) noexcept {
    const auto last = digits.find_last_not_of('0');
    return last == std::string_view::npos ? std::string_view{} : digits.substr(0, last + 1);
}

bool well_formed(std::string_view text) noexcept {
    if (text.size() < 2 || (text[0] != '+' && text[0] != '-'))
        return false;
    std::size_t i = 1;
    while (i < text.size() && is_digit(text[i]))
        ++i;
    const std::size_t digits = i - 1;
    if (digits == 0 || (digits > 1 && text[1] == '0'))
        return false;
    if (i == text.size())
        return true;
    if (text[i] != '.' || i + 1 == text.size())
        return false;
    return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(i) + 1, text.end(), is_digit);
}

/// Adds one unit in the last place; "+99" becomes "+100".
void bump(std::string& decimal) {
    for (std::size_t i = decimal.size(); i-- > 1;) {
        if (decimal[i] == '.')
            continue;
        if (decimal[i] != '9') {
            ++decimal[i];
            return;
        }
        decimal[i] = '0';
    }
    decimal.insert(1, 1, '1');
}

/// Keeps `keep` characters after the sign (the point counts once it is among them), rounding
/// half up, as DecimalMath::roundDigits does.
std::string round_digits(std::string value, std::size_t keep) {
    if (keep + 1 >= value.size())
        return value;
    std::size_t i = keep + 1;
    char next = value[i];
    if (next == '.') {
        ++i;
        next = i < value.size() ? value[i] : '0';
    }
    std::string rounded = value.substr(0, i);
    std::string suffix;
    if (rounded.find('.') == std::string::npos) {
        suffix = value.substr(i);
        suffix.resize(std::min(suffix.size(), suffix.find('.')));
        std::fill(suffix.begin(), suffix.end(), '0');
    }
    if (next >= '5')
        bump(rounded);
    rounded += suffix;
    if (!rounded.empty() && rounded.back() == '.')
        rounded.pop_back();
    return rounded;
}

} // namespace

std::optional<std::string> normalize_decimal(std::string_view text) {
    constexpr std::string_view white{" \t\n\r\0\x0B", 6};
    const auto first = text.find_first_not_of(white);
    if (first == std::string_view::npos)
        return std::nullopt;
    text = text.substr(first, text.find_last_not_of(white) - first + 1);
    std::string out;
    if (text[0] != '+' && text[0] != '-')
        out = '+';
    out += text;
    if (out.size() > max_length || !well_formed(out))
        return std::nullopt;
    if (out.find_first_of("123456789") == std::string::npos)
        out[0] = '+';
    return out;
}

std::optional<std::string> decimal_from_double(double value) {
    if (!std::isfinite(value))
        return std::nullopt;
    char text[32];
    std::snprintf(text, sizeof text, "%.16e", std::fabs(value));
    const std::string_view all{text};
    const auto e = all.find('e');
    std::string digits{all.substr(0, 1)};
    digits += all.substr(2, e - 2);
    int exponent = 0;
    const char* begin = text + e + 1 + (text[e + 1] == '+' ? 1 : 0);
    std::from_chars(begin, text + all.size(), exponent);

    std::string out{value < 0 ? "-" : "+"};
    if (exponent < 0) {
        out += "0.";
        out.append(static_cast<std::size_t>(-exponent - 1), '0');
        out += digits;
    } else {
        const auto whole = static_cast<std::size_t>(exponent) + 1;
        if (digits.size() < whole)
            digits.append(whole - digits.size(), '0');
        out += digits.substr(0, whole);
        out += '.';
        out += digits.substr(whole);
    }
    while (out.back() == '0')
        out.pop_back();
    if (out.back() == '.')
        out.pop_back();
    return normalize_decimal(out);
}

int compare_decimals(std::string_view a, std::string_view b) noexcept {
    if (a == b)
        return 0;
    if (a[0] != b[0])
        return a[0] == '+' ? 1 : -1;
    const int sense = a[0] == '+' ? 1 : -1;
    const auto whole_a = without_leading_zeros(integer_part(a));
    const auto whole_b = without_leading_zeros(integer_part(b));
    if (whole_a.size() != whole_b.size())
        return whole_a.size() > whole_b.size() ? sense : -sense;
    if (const int order = whole_a.compare(whole_b); order != 0)
        return order > 0 ? sense : -sense;
    const int order =
        without_trailing_zeros(fraction(a)).compare(without_trailing_zeros(fraction(b)));
    return order == 0 ? 0 : (order > 0 ? sense : -sense);
}

bool is_integer(std::string_view decimal) noexcept {
    return without_trailing_zeros(fraction(decimal)).empty();
}

std::optional<std::string> multiply_decimals(std::string_view a, std::string_view b) {
    const std::size_t scale = fraction(a).size() + fraction(b).size();
    const auto digits_of = [](std::string_view decimal) {
        std::vector<int> digits; // least significant first
        for (std::size_t i = decimal.size(); i-- > 1;)
            if (decimal[i] != '.')
                digits.push_back(decimal[i] - '0');
        return digits;
    };
    const auto x = digits_of(a);
    const auto y = digits_of(b);
    std::vector<int> product(x.size() + y.size(), 0);
    for (std::size_t i = 0; i < x.size(); ++i) {
        int carry = 0;
        for (std::size_t j = 0; j < y.size(); ++j) {
            const int sum = product[i + j] + x[i] * y[j] + carry;
            product[i + j] = sum % 10;
            carry = sum / 10;
        }
        product[i + y.size()] += carry;
    }
    while (product.size() > scale + 1 && product.back() == 0)
        product.pop_back();
    std::string out{a[0] == b[0] ? "+" : "-"};
    for (std::size_t i = product.size(); i-- > 0;) {
        out += static_cast<char>('0' + product[i]);
        if (i == scale && scale != 0)
            out += '.';
    }
    return normalize_decimal(round_digits(std::move(out), max_length - 1));
}

int order_of_uncertainty(std::string_view amount, std::string_view lower_bound,
                         std::string_view upper_bound) noexcept {
    const double value = decimal_to_double(amount);
    const double nearer =
        std::min(value - decimal_to_double(lower_bound), decimal_to_double(upper_bound) - value);
    if (nearer == 0)
        return -static_cast<int>(fraction(amount).size());
    return static_cast<int>(std::floor(std::log10(nearer + 0.0000000005)));
}

std::string round_to_exponent(std::string_view decimal, int exponent) {
    const auto whole = static_cast<int>(integer_part(decimal).size());
    const int keep = exponent < 0 ? whole + 1 - exponent : std::max(0, whole - exponent);
    if (keep == 0)
        return "+0";
    std::string rounded = round_digits(std::string{decimal}, static_cast<std::size_t>(keep));
    return normalize_decimal(rounded).value_or(rounded);
}

double decimal_to_double(std::string_view decimal) noexcept {
    double value = 0;
    if (decimal.starts_with('+'))
        decimal.remove_prefix(1);
    std::from_chars(decimal.data(), decimal.data() + decimal.size(), value);
    return value;
}

} // namespace runner::entity
