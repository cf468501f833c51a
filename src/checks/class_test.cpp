// SPDX-License-Identifier: GPL-2.0-or-later
// See class_test.hpp. Follows WBQC's TypeCheckerHelper.
#include "checks/class_test.hpp"

#include "checks/entity_index.hpp"
#include "checks/time_budget.hpp"

#include <algorithm>

namespace runner::checks {

namespace {

using constraints::Relation;

constexpr std::string_view message_key(bool of_value, Relation relation) noexcept {
    switch (relation) {
    case Relation::instance: return of_value ? "valueType-instance" : "type-instance";
    case Relation::subclass: return of_value ? "valueType-subclass" : "type-subclass";
    case Relation::instance_or_subclass: break;
    }
    return of_value ? "valueType-instanceOrSubclass" : "type-instanceOrSubclass";
}

} // namespace

ClassTest::ClassTest(std::vector<entity::EntityId> classes, Relation relation,
                     const constraints::Vocabulary& vocabulary)
    : classes_(std::move(classes)), sorted_(classes_), relation_(relation),
      class_parameter_(vocabulary.id(config::ConstraintId::Class)) {
    std::sort(sorted_.begin(), sorted_.end());
    if (relation != Relation::subclass)
        relations_.push_back(vocabulary.property(config::ConstraintId::InstanceOf));
    if (relation != Relation::instance)
        relations_.push_back(vocabulary.property(config::ConstraintId::SubclassOf));
}

bool ClassTest::holds(const entity::Entity& entity, const Context& context) const {
    const auto find = [&]() -> const entity::Entity* {
        for (const entity::PropertyId relation : relations_)
            for (const entity::EntityId& id : facts::best_links(entity, relation))
                if (context.facts->is_or_is_below(id, sorted_))
                    return &entity;
        return nullptr;
    };
    return context.index->memory().once<entity::Entity>(&entity, this, entity.statements.size(),
                                                        find) != nullptr;
}

Verdict ClassTest::failed(const Context& context, std::string_view prefix,
                          const entity::EntityId& subject) const {
    if (const std::string& problem = context.facts->class_problem(); !problem.empty()) {
        context.budget->note(problem);
        return Status::todo;
    }
    return violation(prefix, context.snak->property, subject);
}

Verdict ClassTest::violation(std::string_view prefix, entity::PropertyId property,
                             const entity::EntityId& subject) const {
    for (const entity::EntityId& id : classes_) {
        if (id.type == entity::EntityType::item)
            continue;
        ViolationMessage message("parameter-item"); // WBQC throws here; see docs/parity.md
        message.entity_id(class_parameter_, Role::constraint_parameter_property);
        message.data_value(entity::DataValue{id}, Role::constraint_parameter_value);
        return Verdict::bad_parameters(std::move(message));
    }
    ViolationMessage message(message_key(prefix == "valueType", relation_));
    message.entity_id(property, Role::constraint_property);
    message.entity_id(subject, Role::subject);
    message.entity_id_list(classes_, Role::object);
    return Verdict::violation(std::move(message));
}

} // namespace runner::checks
