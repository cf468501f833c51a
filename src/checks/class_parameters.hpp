// SPDX-License-Identifier: GPL-2.0-or-later
// The parameters of subject type and value type.
#pragma once

#include "checks/check.hpp"
#include "checks/class_test.hpp"
#include "checks/problems.hpp"

namespace runner::checks::class_parameters {

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

[[nodiscard]] inline std::unique_ptr<const Parameters>
read(const ParameterReader& reader,
                                       const CheckSettings& settings) {
    return std::make_unique<Own>(reader, settings);
}

[[nodiscard]] inline std::vector<ViolationMessage> validate(const Parameters& parameters) {
    const auto& own = static_cast<const Own&>(parameters);
    return problems(own.classes, own.relation);
}

} // namespace runner::checks::class_parameters
