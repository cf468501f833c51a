// SPDX-License-Identifier: GPL-2.0-or-later
// See unit_converter.hpp.
#include "checks/unit_converter.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/plain_reason.hpp"
#include "entity/decimal.hpp"

#include <boost/json.hpp>

namespace runner::checks {

namespace {

/// A member of a row: by name, or by place in the old form `[factor, unit]`.
std::string text_of(const boost::json::value& row, const char* name, std::size_t place) {
    const boost::json::value* found = nullptr;
    if (const auto* object = row.if_object())
        found = object->if_contains(name);
    else if (const auto* array = row.if_array())
        found = array->if_contains(place);
    if (found == nullptr)
        return {};
    if (const auto* text = found->if_string())
        return std::string{text->data(), text->size()};
    if (const auto* number = found->if_double())
        return entity::decimal_from_double(*number).value_or(std::string{});
    return boost::json::serialize(*found);
}

} // namespace

UnitConverter::UnitConverter(const std::filesystem::path& file, std::string concept_base_uri,
                             std::string_view setting)
    : prefix_(std::move(concept_base_uri)) {
    if (file.empty())
        return;
    std::string text;
    try {
        text = base::read_file(file);
    } catch (const base::Error& e) {
        throw base::ConfigError(std::string(setting) + ": " + e.what());
    }
    read(text, std::string(setting) + ": " + file.string() + ": ");
}

UnitConverter::UnitConverter(std::string_view text, std::string_view name,
                             std::string concept_base_uri)
    : prefix_(std::move(concept_base_uri)) {
    read(text, "unit_conversion: " + std::string(name) + ": ");
}

void UnitConverter::read(std::string_view text, const std::string& where) {
    const std::string wanted = std::string("must be a JSON object from units to conversions, ") +
                               R"(as {"Q11573": {"factor": "1", "unit": "Q11573"}})";
    boost::json::parser parser;
    boost::system::error_code failed;
    const std::size_t read = parser.write_some(text.data(), text.size(), failed);
    if (failed || text.find_first_not_of(" \t\r\n", read) != std::string_view::npos)
        throw base::ConfigError(where + base::place_in(text, read) + ": " +
                                (read == text.size() ? "it ends there; " : "") + wanted);
    const boost::json::value rows = parser.release();
    if (!rows.is_object())
        throw base::ConfigError(where + wanted);
    conversions_.reserve(rows.get_object().size());
    for (const auto& row : rows.get_object()) {
        Conversion conversion;
        conversion.unit = text_of(row.value(), "unit", 1);
        const auto factor = entity::normalize_decimal(text_of(row.value(), "factor", 0));
        // Wikibase refuses negative factors and zero
        if (factor && (*factor)[0] == '+' &&
            factor->find_first_of("123456789") != std::string::npos)
            conversion.factor = *factor;
        if (conversion.unit.empty())
            throw base::ConfigError(where + std::string{row.key()} + " has no unit; it " + wanted);
        conversions_.emplace(std::string{row.key()}, std::move(conversion));
    }
}

UnitConverter::Standard UnitConverter::standardize(const entity::QuantityValue& quantity) const {
    Standard same{std::string{quantity.amount}, std::string{quantity.unit}};
    if (quantity.unit == "1" || conversions_.empty())
        return same;
    std::string_view from = quantity.unit;
    if (from.starts_with(prefix_))
        from.remove_prefix(prefix_.size());
    const auto at = conversions_.find(from);
    if (at == conversions_.end() || at->second.unit == from)
        return same;
    std::string target = at->second.unit;
    if (!target.starts_with(prefix_))
        target.insert(0, prefix_);
    if (target == from || at->second.factor.empty())
        return same;
    const auto convert = [&factor = at->second.factor](std::string_view amount) {
        return entity::multiply_decimals(amount, factor);
    };
    auto amount = convert(quantity.amount);
    if (!amount)
        return same;
    if (quantity.bounded()) { // QuantityValue::transform
        const auto lower = convert(quantity.lower_bound);
        const auto upper = convert(quantity.upper_bound);
        if (!lower || !upper)
            return same;
        amount = entity::round_to_exponent(*amount,
                                           entity::order_of_uncertainty(*amount, *lower, *upper));
    }
    return {std::move(*amount), std::move(target)};
}

} // namespace runner::checks
