// SPDX-License-Identifier: GPL-2.0-or-later
// Decimal numbers as text, as DataValues\DecimalValue keeps them: a sign, digits, perhaps a point
// and more digits, at most 127 characters; never rounded by a binary float.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace runner::entity {

/// The normal form ("+12.50", "-3", zero always "+0…"), or empty when `text` is not a decimal:
/// accepts what DecimalValue's constructor accepts, surrounding white space and a missing sign
/// included.
[[nodiscard]] std::optional<std::string> normalize_decimal(std::string_view text);

/// The decimal that DecimalValue makes of a float (17 significant digits); empty for NaN and
/// infinities, and when it needs more than 127 characters.
[[nodiscard]] std::optional<std::string> decimal_from_double(double value);

/// -1, 0 or 1. Both arguments are normal forms.
[[nodiscard]] int compare_decimals(std::string_view a, std::string_view b) noexcept;

/// Whether the fraction is missing or all zeros. The argument is a normal form.
[[nodiscard]] bool is_integer(std::string_view decimal) noexcept;

/// a·b, exact up to 126 digits (DecimalMath::product with BCMath). Empty when it does not fit.
[[nodiscard]] std::optional<std::string> multiply_decimals(std::string_view a, std::string_view b);

/// The exponent of the last significant digit, given the bounds of the amount: 2 for ±200,
/// -2 for ±0.02 (QuantityValue::getOrderOfUncertainty, floats and all).
[[nodiscard]] int order_of_uncertainty(std::string_view amount, std::string_view lower_bound,
                                       std::string_view upper_bound) noexcept;

/// Rounded half away from zero so that the digit of 10^exponent is the last significant one;
/// zero when there is no such digit (DecimalMath::roundToExponent). In normal form.
[[nodiscard]] std::string round_to_exponent(std::string_view decimal, int exponent);

/// The nearest float.
[[nodiscard]] double decimal_to_double(std::string_view decimal) noexcept;

} // namespace runner::entity
