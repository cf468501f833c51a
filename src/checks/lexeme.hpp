// SPDX-License-Identifier: GPL-2.0-or-later
// Shared by checks of lexemes: the lexeme of a context, and whether one of its items is listed.
#pragma once

#include "checks/items_parameter.hpp"

#include <algorithm>
#include <array>

namespace runner::checks {

/// That of the context's entity: itself, or the one that the form or sense belongs to; null if it
/// is missing.
[[nodiscard]] inline const entity::Entity* lexeme_of(const Context& context) {
    if (context.entity->id.type == entity::EntityType::lexeme)
        return context.entity;
    return context.page->id.type == entity::EntityType::lexeme
               ? context.page
               : context.facts->target(context.entity->id.page());
}

/// `item`: language or lexical category of a lexeme, as its document has it. "unknown value" and
/// "no value" in the list match none: each lexeme has both.
[[nodiscard]] inline bool is_listed(std::string_view item,
                                    const std::vector<results::ItemValue>& listed) {
    const auto actual = entity::EntityId::parse(item);
    return std::any_of(listed.begin(), listed.end(), [&](const results::ItemValue& each) {
        return each.kind == results::ItemValue::Kind::item && each.item == actual;
    });
}

inline constexpr std::array<Support, 6> lexemes_and_parts{Support::no,  Support::no,  Support::yes,
                                                          Support::yes, Support::yes, Support::no};

} // namespace runner::checks
