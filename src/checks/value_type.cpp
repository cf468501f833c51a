// SPDX-License-Identifier: GPL-2.0-or-later
// Value type: the entity that the value links to is an instance or subclass of one of the classes.
// WBQC: ValueTypeChecker, without its cap on the entities that are walked.
#include "checks/check.hpp"
#include "checks/class_test.hpp"
#include "checks/problems.hpp"
#include "checks/wrong_value.hpp"

namespace runner::checks {

namespace {

struct Own : Parameters {
    Parsed<std::vector<entity::EntityId>> classes;
    Parsed<constraints::Relation> relation;
    ClassTest test;
    Own(const ParameterReader& reader, const CheckSettings& settings)
        : classes(reader.classes()), relation(reader.relation()) {
        if (classes && relation)
            test = ClassTest(*classes, *relation, settings.vocabulary);
    }
};

std::unique_ptr<const Parameters> read(const ParameterReader& reader,
                                       const CheckSettings& settings) {
    return std::make_unique<Own>(reader, settings);
}

std::vector<ViolationMessage> validate(const Parameters& parameters) {
    const auto& own = static_cast<const Own&>(parameters);
    return problems(own.classes, own.relation);
}

Verdict run(const Context& context, const Constraint& constraint, const Parameters* parameters,
            const CheckSettings&) {
    if (context.deprecated())
        return Status::deprecated;
    const auto& own = *static_cast<const Own*>(parameters);
    if (!own.classes)
        return Verdict::bad_parameters(own.classes.error());
    if (!own.relation)
        return Verdict::bad_parameters(own.relation.error());
    if (context.snak->type != entity::SnakType::value)
        return Status::compliance;
    const auto* id = entity::entity_id_of(context.snak->value);
    if (id == nullptr)
        return entity_needed(constraint);
    const entity::Entity* value = context.facts->target(*id);
    if (value == nullptr)
        return Verdict::violation(ViolationMessage("value-entity-must-exist"));
    if (own.test.holds(*value, *context.facts))
        return Status::compliance;
    return own.test.violation("valueType", context.snak->property, value->id);
}

} // namespace

extern const CheckRow value_type_row; // for registry.cpp
const CheckRow value_type_row{
    .name = "value-type",
    .type = config::ConstraintId::ValueTypeConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = on_all_entities,
    .needs = Needs::value_classes,
    .read = read,
    .run = run,
    .validate = validate,
};

} // namespace runner::checks
