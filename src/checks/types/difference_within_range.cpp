// SPDX-License-Identifier: GPL-2.0-or-later
// Difference within range: the value minus the value of another property of the same entity lies
// between two bounds. WBQC: DiffWithinRangeChecker.
#include "checks/by_interval.hpp"
#include "checks/entity_index.hpp"
#include "checks/range_math.hpp"
#include "checks/row.hpp"
#include "checks/time_interval.hpp"
#include "checks/unit_converter.hpp"
#include "entity/decimal.hpp"

#include <optional>
#include <string>

namespace runner::checks {

namespace {

struct Own : Parameters {
    Parsed<constraints::Range> range;
    Parsed<entity::PropertyId> property;
    explicit Own(const ParameterReader& reader)
        : range(reader.quantity_range()), property(reader.property()) {}
    [[nodiscard]] auto parsed() const { return std::tie(range, property); }
};

/// The first value of the other property beside the snak; WBQC looks at no further ones.
const entity::Snak* other_snak(const Context& context, const Own& own) {
    if (context.type != ContextType::statement)
        return context.index->beside(context.siblings(), *own.property).first_value;
    const auto statements = context.index->statements(*own.property);
    return context.index->memory().once<entity::Snak>(
        context.entity, &own, statements.size(), [&]() -> const entity::Snak* {
            for (const entity::Statement* statement : statements)
                if (statement->rank != entity::Rank::deprecated &&
                    statement->main.type == entity::SnakType::value)
                    return &statement->main;
            return nullptr;
        });
}

const entity::QuantityValue* quantity_of(const constraints::Bound& bound) noexcept {
    return bound.value != nullptr ? std::get_if<entity::QuantityValue>(bound.value) : nullptr;
}

/// Decimals in normal form: one, or the least and the most that it may be.
struct Difference {
    std::string least;
    std::string most;
    std::string unit;
};

std::optional<Difference> difference(const entity::TimeValue& a, const entity::TimeValue& b,
                                     bool in_years, const CheckSettings& settings) {
    const auto between = [&](const Moment& x, const Moment& y) {
        return entity::decimal_from_double(in_years ? difference_in_years(x, y)
                                                    : timestamp(x) - timestamp(y));
    };
    std::optional<std::string> least, most;
    if (settings.time_intervals) {
        const Interval x = interval_of(a);
        const Interval y = interval_of(b);
        least = between(x.first, y.last);
        most = between(x.last, y.first);
    } else {
        least = most = between(moment_of(a), moment_of(b));
    }
    if (!least || !most)
        return std::nullopt;
    return Difference{std::move(*least), std::move(*most),
                      in_years ? settings.wiki.year_unit : settings.wiki.second_unit};
}

/// Empty where WBQC throws.
std::optional<Difference> difference(const entity::DataValue& minuend,
                                     const entity::DataValue& subtrahend, bool in_years,
                                     const CheckSettings& settings) {
    if (const auto* a = std::get_if<entity::TimeValue>(&minuend)) {
        return difference(*a, std::get<entity::TimeValue>(subtrahend), in_years, settings);
    }
    if (const auto* a = std::get_if<entity::QuantityValue>(&minuend)) {
        const auto& b = std::get<entity::QuantityValue>(subtrahend);
        const auto x = settings.units.standardize(*a);
        const auto y = settings.units.standardize(b);
        // floats, as in WBQC; that the units agree is another constraint's matter
        const auto amount = entity::decimal_from_double(entity::decimal_to_double(x.amount) -
                                                        entity::decimal_to_double(y.amount));
        if (!amount)
            return std::nullopt;
        return Difference{*amount, *amount, x.unit};
    }
    return std::nullopt;
}

Verdict violation(const Context& context, const entity::Snak& other,
                  const constraints::Range& range) {
    ViolationMessage message(range.min.open()   ? "diff-within-range-leftopen"
                             : range.max.open() ? "diff-within-range-rightopen"
                                                : "diff-within-range");
    message.entity_id(context.snak->property, Role::predicate);
    message.data_value(context.snak->value, Role::object);
    message.entity_id(other.property, Role::predicate);
    message.data_value(other.value, Role::object);
    for (const constraints::Bound& bound : {range.min, range.max})
        if (bound.value != nullptr)
            message.data_value(*bound.value, Role::object);
    return Verdict::violation(std::move(message));
}

Verdict run(const Context& context, const Constraint& constraint, const Own& own,
            const CheckSettings& settings) {
    if (context.snak->type != entity::SnakType::value)
        return Status::compliance;
    if (!own.range)
        return Verdict::bad_parameters(own.range.error());
    if (!own.property)
        return Verdict::bad_parameters(own.property.error());
    const entity::Snak* other = other_snak(context, own);
    if (other == nullptr)
        return Status::compliance;
    if (entity::type_name(other->value) != entity::type_name(context.snak->value))
        return Verdict::violation(ViolationMessage("diff-within-range-must-have-equal-types"));

    const auto wrong_bound = [&] {
        return Verdict::bad_parameters(incomparable_bound(constraint, "quantity"));
    };
    // a bound that is not a quantity is an error only where WBQC comes to look at it
    bool in_years = false;
    for (const constraints::Bound& bound : {own.range->min, own.range->max}) {
        if (bound.open() || in_years)
            continue;
        if (quantity_of(bound) == nullptr)
            return wrong_bound();
        in_years = quantity_of(bound)->unit == settings.wiki.year_unit;
    }
    const auto result = difference(context.snak->value, other->value, in_years, settings);
    if (!result) {
        ViolationMessage message("value-needed-of-types-2");
        message.entity_id(constraint.type, Role::constraint_type_item);
        message.data_value_type("quantity").data_value_type("time");
        return Verdict::bad_parameters(std::move(message));
    }
    const entity::QuantityValue least{result->least, result->unit, {}, {}};
    const entity::QuantityValue most{result->most, result->unit, {}, {}};
    if (!own.range->min.open()) {
        const auto* min = quantity_of(own.range->min);
        if (compare_amounts(*min, most, settings.units) > 0)
            return violation(context, *other, *own.range);
    }
    if (!own.range->max.open()) {
        const auto* max = quantity_of(own.range->max);
        if (max == nullptr)
            return wrong_bound();
        if (compare_amounts(least, *max, settings.units) > 0)
            return violation(context, *other, *own.range);
    }
    return Status::compliance;
}

} // namespace

extern constexpr CheckRow difference_within_range_row = row<Own, run, BadParameters::in_run>({
    .name = "difference-within-range",
    .type = config::ConstraintId::DifferenceWithinRangeConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = on_all_entities,
});

extern constexpr CheckRow difference_within_range_by_interval_row =
    by_interval("difference-within-range-by-interval", difference_within_range_row, has_times);

} // namespace runner::checks
