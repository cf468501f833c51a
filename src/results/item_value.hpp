// SPDX-License-Identifier: GPL-2.0-or-later
// An item, "unknown value" or "no value": what lists of items in constraint parameters hold
// (WBQC's ItemIdSnakValue).
#pragma once

#include "entity/entity.hpp"

namespace runner::results {

struct ItemValue {
    enum class Kind : std::uint8_t { item, somevalue, novalue };
    Kind kind = Kind::item;
    entity::EntityId item; ///< for Kind::item

    [[nodiscard]] bool matches(const entity::Snak& snak) const noexcept {
        switch (snak.type) {
        case entity::SnakType::somevalue: return kind == Kind::somevalue;
        case entity::SnakType::novalue: return kind == Kind::novalue;
        case entity::SnakType::value: break;
        }
        const auto* id = entity::item_of(snak);
        return kind == Kind::item && id != nullptr && *id == item;
    }
};

} // namespace runner::results
