// SPDX-License-Identifier: GPL-2.0-or-later
// Collects the errors in the parameters of a constraint.
#pragma once

#include "checks/check.hpp"

namespace runner::checks {

/// The errors among parsed parameters, in their order.
template <typename... T>
[[nodiscard]] std::vector<ViolationMessage> problems(const Parsed<T>&... parameters) {
    std::vector<ViolationMessage> out;
    const auto add = [&](const auto& parameter) {
        if (!parameter)
            out.push_back(parameter.error());
    };
    (add(parameters), ...);
    return out;
}

} // namespace runner::checks
