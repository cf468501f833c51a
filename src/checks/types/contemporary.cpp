// SPDX-License-Identifier: GPL-2.0-or-later
// Contemporary: the entity and the one that the value links to exist at the same time, by their
// start and end dates. WBQC: ContemporaryChecker.
#include "checks/by_interval.hpp"
#include "checks/entity_index.hpp"
#include "checks/range_math.hpp"
#include "checks/row.hpp"
#include "checks/time_interval.hpp"
#include "checks/wrong_value.hpp"

namespace runner::checks {

namespace {

/// Where WBQC would throw: values that can't be compared.
struct Incomparable {};

/// An open end compares as equal to everything.
int compare(const entity::DataValue* a, const entity::DataValue* b, const CheckSettings& settings) {
    if (a == nullptr || b == nullptr)
        return 0;
    const auto order = compare_to_bound(*a, constraints::Bound{b, false}, settings);
    if (!order)
        throw Incomparable{};
    return *order;
}

enum class End : std::uint8_t { start, end };

/// Of two starts which may be the earlier, of two ends which may be the later.
int compare_ends(const entity::DataValue* a, const entity::DataValue* b, End end,
                 const CheckSettings& settings) {
    const auto* x = a != nullptr ? std::get_if<entity::TimeValue>(a) : nullptr;
    const auto* y = b != nullptr ? std::get_if<entity::TimeValue>(b) : nullptr;
    if (!settings.time_intervals || x == nullptr || y == nullptr)
        return compare(a, b, settings);
    const Seconds s = seconds_of(*x, true);
    const Seconds t = seconds_of(*y, true);
    const double one = end == End::start ? s.first : s.last;
    const double other = end == End::start ? t.first : t.last;
    return one == other ? 0 : one < other ? -1 : 1;
}

/// The earliest start or latest end; null when it is open or unknown.
const entity::DataValue* find_extreme(const entity::Entity& entity,
                                      const std::vector<std::string>& properties, End end,
                                      const CheckSettings& settings) {
    const entity::DataValue* extreme = nullptr;
    for (const std::string& name : properties) {
        const auto property = entity::PropertyId::parse(name);
        for (const entity::Statement& statement : entity.statements) {
            if (statement.main.property != property || statement.rank == entity::Rank::deprecated)
                continue;
            if (statement.main.type != entity::SnakType::value)
                return nullptr;
            const int order = compare_ends(&statement.main.value, extreme, end, settings);
            if (extreme == nullptr || (end == End::start ? order < 0 : order > 0))
                extreme = &statement.main.value;
        }
    }
    return extreme;
}

const entity::DataValue* extreme_value(const Context& context, const entity::Entity& entity,
                                       const std::vector<std::string>& properties, End end,
                                       const CheckSettings& settings) {
    static const entity::DataValue incomparable;
    const auto* found = context.index->memory().once<entity::DataValue>(
        &entity, &properties, entity.statements.size(), [&]() -> const entity::DataValue* {
            try {
                return find_extreme(entity, properties, end, settings);
            } catch (const Incomparable&) {
                return &incomparable;
            }
        });
    if (found == &incomparable)
        throw Incomparable{};
    return found;
}

Verdict check_lives(const Context& context, const entity::EntityId& object_id,
                    const entity::Entity& object, const CheckSettings& settings) {
    const auto& starts = settings.wiki.start_time_properties;
    const auto& ends = settings.wiki.end_time_properties;
    const auto* subject_start =
        extreme_value(context, *context.entity, starts, End::start, settings);
    const auto* object_start = extreme_value(context, object, starts, End::start, settings);
    const auto* subject_end = extreme_value(context, *context.entity, ends, End::end, settings);
    const auto* object_end = extreme_value(context, object, ends, End::end, settings);
    if (compare(subject_start, subject_end, settings) > 0 ||
        compare(object_start, object_end, settings) > 0)
        return Status::compliance;
    // Each comparison that holds has both of its dates. At most one holds: an end before the other
    // start is before the other end too.
    const bool object_later = compare(subject_end, object_start, settings) < 0;
    const bool object_earlier = !object_later && compare(object_end, subject_start, settings) < 0;
    if (!object_later && !object_earlier)
        return Status::compliance;
    ViolationMessage message(object_earlier ? "contemporary-value-earlier"
                                            : "contemporary-subject-earlier");
    message.entity_id(context.entity->id, Role::subject);
    message.entity_id(context.snak->property, Role::predicate);
    message.entity_id(object_id, Role::object);
    message.data_value(object_earlier ? *object_end : *subject_end, Role::object);
    message.data_value(object_earlier ? *subject_start : *object_start, Role::object);
    return Verdict::violation(std::move(message));
}

Verdict run(const Context& context, const Constraint& constraint, const CheckSettings& settings) {
    if (context.snak->type != entity::SnakType::value)
        return Status::compliance;
    const auto* id = entity::entity_id_of(context.snak->value);
    if (id == nullptr)
        return entity_needed(constraint);
    const entity::Entity* object = context.facts->target(*id);
    if (object == nullptr)
        return Verdict::violation(ViolationMessage("value-entity-must-exist"));
    try {
        return check_lives(context, *id, *object, settings);
    } catch (const Incomparable&) {
        return Verdict::bad_parameters(incomparable_bound(constraint, "time"));
    }
}

} // namespace

extern constexpr CheckRow contemporary_row = row<NoParameters, run>({
    .name = "contemporary",
    .type = config::ConstraintId::ContemporaryConstraint,
    .contexts = on_main_snak_only,
    .default_contexts = by_default_on_main_snak,
    .entity_types = on_all_entities,
    .needs = Needs::value,
});

extern constexpr CheckRow contemporary_by_interval_row =
    by_interval("contemporary-by-interval", contemporary_row, nullptr);

} // namespace runner::checks
