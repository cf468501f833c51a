// SPDX-License-Identifier: GPL-2.0-or-later
// Range: a quantity or a time lies between two bounds. WBQC: RangeChecker.
#include "checks/by_interval.hpp"
#include "checks/range_math.hpp"
#include "checks/row.hpp"
#include "checks/time_interval.hpp"

namespace runner::checks {

namespace {

ViolationMessage wrong_type(std::string_view constraint_type) {
    ViolationMessage message("value-needed-of-types-2");
    message.entity_id(constraint_type, Role::constraint_type_item);
    message.data_value_type("quantity").data_value_type("time");
    return message;
}

struct Own : Parameters {
    Parsed<constraints::Range> quantity;
    Parsed<constraints::Range> time;
    std::string constraint_type;
    std::string_view data_type; ///< of the property
    explicit Own(const ParameterReader& reader)
        : quantity(reader.quantity_range()), time(reader.time_range()),
          constraint_type(reader.constraint().type), data_type(reader.constraint().data_type) {}
    /// Without a value at hand the data type of the property says which bounds are meant.
    [[nodiscard]] std::vector<ViolationMessage> problems() const {
        if (data_type == "quantity")
            return quantity ? std::vector<ViolationMessage>{} : std::vector{quantity.error()};
        if (data_type == "time")
            return time ? std::vector<ViolationMessage>{} : std::vector{time.error()};
        return {wrong_type(constraint_type)};
    }
};

const char* message_key(bool is_time, const constraints::Range& range) noexcept {
    if (!is_time) {
        if (range.min.open())
            return "range-quantity-leftopen";
        return range.max.open() ? "range-quantity-rightopen" : "range-quantity-closed";
    }
    if (range.min.open())
        return range.max.now ? "range-time-leftopen-rightnow" : "range-time-leftopen";
    if (range.max.open())
        return range.min.now ? "range-time-rightopen-leftnow" : "range-time-rightopen";
    if (range.min.now)
        return "range-time-closed-leftnow";
    return range.max.now ? "range-time-closed-rightnow" : "range-time-closed";
}

Verdict violation(const Context& context, const constraints::Range& range, bool is_time) {
    ViolationMessage message(message_key(is_time, range));
    message.entity_id(context.snak->property, Role::predicate);
    message.data_value(context.snak->value, Role::object);
    for (const constraints::Bound& bound : {range.min, range.max})
        if (bound.value != nullptr)
            message.data_value(*bound.value, Role::object);
    return Verdict::violation(std::move(message));
}

/// Notes when the present time makes another verdict.
void note_change(Verdict& verdict, const entity::TimeValue& time, const constraints::Range& range,
                 const CheckSettings& settings) {
    const double now = timestamp(settings.now);
    if (!settings.time_intervals) {
        if (timestamp(time) >= now)
            verdict.future_time = &time;
        return;
    }
    const Seconds seconds = seconds_of(time, true);
    if (range.max.now && seconds.first > now)
        verdict.changes_at = seconds.first;
    else if (range.min.now && seconds.last >= now)
        verdict.changes_at = seconds.last + 1;
}

Verdict run(const Context& context, const Constraint& constraint, const Own& own,
            const CheckSettings& settings) {
    if (context.snak->type != entity::SnakType::value)
        return Status::compliance;
    const entity::DataValue& value = context.snak->value;
    const auto* time = std::get_if<entity::TimeValue>(&value);
    if (time == nullptr && !std::holds_alternative<entity::QuantityValue>(value))
        return Verdict::bad_parameters(wrong_type(constraint.type));
    const auto& range = time != nullptr ? own.time : own.quantity;
    if (!range)
        return Verdict::bad_parameters(range.error());

    const auto to_min = compare_to_bound(value, range->min, settings);
    if (!to_min)
        return Verdict::bad_parameters(incomparable_bound(constraint, entity::type_name(value)));
    bool outside = *to_min < 0;
    if (!outside) {
        const auto to_max = compare_to_bound(value, range->max, settings);
        if (!to_max)
            return Verdict::bad_parameters(
                incomparable_bound(constraint, entity::type_name(value)));
        outside = *to_max > 0;
    }
    Verdict verdict =
        outside ? violation(context, *range, time != nullptr) : Verdict{Status::compliance};
    if (time != nullptr && (range->min.now || range->max.now))
        note_change(verdict, *time, *range, settings);
    return verdict;
}

} // namespace

extern constexpr CheckRow range_row = row<Own, run, BadParameters::in_run>({
    .name = "range",
    .type = config::ConstraintId::RangeConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = on_all_entities,
});

extern constexpr CheckRow range_by_interval_row =
    by_interval("range-by-interval", range_row, has_times);

} // namespace runner::checks
