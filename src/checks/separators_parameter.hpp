// SPDX-License-Identifier: GPL-2.0-or-later
// The parameter of single value, single best value, multi-value and distinct values.
#pragma once

#include "checks/check.hpp"
#include "checks/problems.hpp"

namespace runner::checks::separators_parameter {

struct Own : Parameters {
    Parsed<std::vector<entity::PropertyId>> separators;
    explicit Own(const ParameterReader& reader) : separators(reader.separators()) {}
};

[[nodiscard]] inline std::unique_ptr<const Parameters>
read(const ParameterReader& reader, const CheckSettings&) {
    return std::make_unique<Own>(reader);
}

[[nodiscard]] inline std::vector<ViolationMessage> validate(const Parameters& parameters) {
    return problems(static_cast<const Own&>(parameters).separators);
}

} // namespace runner::checks::separators_parameter
