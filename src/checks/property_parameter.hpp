// SPDX-License-Identifier: GPL-2.0-or-later
// The parameter of checks that name one other property.
#pragma once

#include "checks/check.hpp"
#include "checks/problems.hpp"

namespace runner::checks::property_parameter {

struct Own : Parameters {
    Parsed<entity::PropertyId> property;
    explicit Own(const ParameterReader& reader) : property(reader.property()) {}
};

[[nodiscard]] inline std::unique_ptr<const Parameters>
read(const ParameterReader& reader, const CheckSettings&) {
    return std::make_unique<Own>(reader);
}

[[nodiscard]] inline std::vector<ViolationMessage> validate(const Parameters& parameters) {
    return problems(static_cast<const Own&>(parameters).property);
}

} // namespace runner::checks::property_parameter
