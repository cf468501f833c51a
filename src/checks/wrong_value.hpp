// SPDX-License-Identifier: GPL-2.0-or-later
// The violation of a constraint that applies to one type of value only.
#pragma once

#include "checks/check.hpp"

namespace runner::checks {

/// "value-needed-of-type", named for the constraint type.
[[nodiscard]] inline Verdict value_of_type_needed(const Constraint& constraint,
                                                  std::string_view data_value_type) {
    ViolationMessage message("value-needed-of-type");
    message.entity_id(constraint.type, Role::constraint_type_item);
    message.data_value_type(data_value_type);
    return Verdict::violation(std::move(message));
}

/// For checks of entities that values link to.
[[nodiscard]] inline Verdict entity_needed(const Constraint& constraint) {
    return value_of_type_needed(constraint, "wikibase-entityid");
}

} // namespace runner::checks
