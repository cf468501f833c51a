// SPDX-License-Identifier: GPL-2.0-or-later
// Whether a lexeme is of one of the lexical categories that a constraint lists.
#pragma once

#include "checks/items_parameter.hpp"

#include <algorithm>

namespace runner::checks {

/// Of "unknown value" and "no value" in the list there is none: each lexeme has a category.
[[nodiscard]] inline bool is_of_category(const entity::Entity& lexeme,
                                         const std::vector<results::ItemValue>& categories) {
    const auto actual = entity::EntityId::parse(lexeme.lexical_category);
    return std::any_of(categories.begin(), categories.end(), [&](const results::ItemValue& each) {
        return each.kind == results::ItemValue::Kind::item && each.item == actual;
    });
}

} // namespace runner::checks
