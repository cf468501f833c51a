// SPDX-License-Identifier: GPL-2.0-or-later
// The parameters of subject type and value type.
#pragma once

#include "checks/class_test.hpp"
#include "checks/row.hpp"

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
    [[nodiscard]] auto parsed() const noexcept { return std::tie(classes, relation); }
};

} // namespace runner::checks::class_parameters
