// SPDX-License-Identifier: GPL-2.0-or-later
// Whether an entity is in one of some classes, for the checks of subject type and value type.
#pragma once

#include "checks/check.hpp"

#include <string_view>
#include <vector>

namespace runner::checks {

class ClassTest {
public:
    ClassTest() = default;
    ClassTest(std::vector<entity::EntityId> classes, constraints::Relation relation,
              const constraints::Vocabulary& vocabulary);

    /// Best-ranked statements only, superclasses at any distance.
    [[nodiscard]] bool holds(const entity::Entity& entity, const Context& context) const;

    /// The verdict for a violation. `prefix`: "type" or "valueType"; `subject`: the entity
    /// that is in none of the classes, as far as they can be read.
    [[nodiscard]] Verdict failed(const Context& context, std::string_view prefix,
                                 const entity::EntityId& subject) const;

private:
    [[nodiscard]] Verdict violation(std::string_view prefix, entity::PropertyId property,
                                    const entity::EntityId& subject) const;

    std::vector<entity::EntityId> classes_; ///< in the order of the parameter
    std::vector<entity::EntityId> sorted_;
    std::vector<entity::PropertyId> relations_;
    constraints::Relation relation_ = constraints::Relation::instance;
    entity::EntityId class_parameter_;
};

} // namespace runner::checks
