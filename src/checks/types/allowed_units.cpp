// SPDX-License-Identifier: GPL-2.0-or-later
// Allowed units: the unit of the quantity, in standard units, is one of the listed ones.
// WBQC: AllowedUnitsChecker.
#include "checks/row.hpp"
#include "checks/unit_converter.hpp"

#include <algorithm>

namespace runner::checks {

namespace {

struct Own : Parameters {
    Parsed<constraints::Units> units;
    std::vector<std::string> standard;             ///< the allowed units after conversion
    Parsed<std::vector<results::ItemValue>> items; ///< what WBQC validates
    Own(const ParameterReader& reader, const CheckSettings& settings)
        : units(reader.units()), items(reader.items(true)) {
        if (!units)
            return;
        for (const entity::EntityId& item : units->items) {
            const std::string unit = settings.wiki.concept_base_uri + item.to_string();
            standard.push_back(settings.units.standardize({"+1", unit, {}, {}}).unit);
        }
    }
    [[nodiscard]] auto parsed() const { return std::tie(items); }
};

Verdict violation(const Context& context, const constraints::Units& units, bool has_unit) {
    const char* key = "units";
    if (has_unit && units.items.empty())
        key = "units-none";
    else if (has_unit && units.unitless_allowed)
        key = "units-or-none";
    ViolationMessage message(key);
    message.entity_id(context.snak->property, Role::constraint_property);
    if (!has_unit || !units.items.empty())
        message.entity_id_list(units.items, Role::constraint_parameter_value);
    return Verdict::violation(std::move(message));
}

Verdict run(const Context& context, const Constraint& constraint, const Own& own,
            const CheckSettings& settings) {
    if (!own.units)
        return Verdict::bad_parameters(own.units.error());
    if (context.snak->type != entity::SnakType::value)
        return Status::compliance;
    const auto* quantity = std::get_if<entity::QuantityValue>(&context.snak->value);
    if (quantity == nullptr) {
        ViolationMessage message("value-needed-of-type");
        message.entity_id(constraint.type, Role::constraint_type_item);
        message.data_value_type("quantity");
        return Verdict::violation(std::move(message));
    }
    if (quantity->unit == "1") {
        if (own.units->unitless_allowed)
            return Status::compliance;
        return violation(context, *own.units, false);
    }
    const auto actual = settings.units.standardize(*quantity).unit;
    if (std::find(own.standard.begin(), own.standard.end(), actual) != own.standard.end())
        return Status::compliance;
    return violation(context, *own.units, true);
}

} // namespace

extern constexpr CheckRow allowed_units_row = row<Own, run, BadParameters::in_run>({
    .name = "allowed-units",
    .type = config::ConstraintId::AllowedUnitsConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = on_all_entities,
    .on_deprecated = OnDeprecated::check,
});

} // namespace runner::checks
