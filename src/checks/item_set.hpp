// SPDX-License-Identifier: GPL-2.0-or-later
// A list of items from a parameter, optimized for membership tests of snaks.
#pragma once

#include "results/item_value.hpp"

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <span>
#include <vector>

namespace runner::checks {

class ItemSet {
public:
    ItemSet() = default;
    explicit ItemSet(std::span<const results::ItemValue> values) {
        for (const auto& value : values) {
            switch (value.kind) {
            case results::ItemValue::Kind::item: items_.push_back(value.item.number); break;
            case results::ItemValue::Kind::somevalue: somevalue_ = true; break;
            case results::ItemValue::Kind::novalue: novalue_ = true; break;
            }
        }
        std::sort(items_.begin(), items_.end());
    }

    [[nodiscard]] bool matches(const entity::Snak& snak) const noexcept {
        switch (snak.type) {
        case entity::SnakType::somevalue: return somevalue_;
        case entity::SnakType::novalue: return novalue_;
        case entity::SnakType::value: break;
        }
        const auto* item = entity::item_of(snak);
        return item != nullptr && std::binary_search(items_.begin(), items_.end(), item->number);
    }

private:
    std::vector<std::uint32_t> items_; ///< sorted numbers
    bool somevalue_ = false;
    bool novalue_ = false;
};

/// The snak as an entry of such a list; it must be an item, somevalue or novalue.
[[nodiscard]] inline results::ItemValue item_value_of(const entity::Snak& snak) {
    using Kind = results::ItemValue::Kind;
    if (snak.type == entity::SnakType::somevalue)
        return {Kind::somevalue, {}};
    if (snak.type == entity::SnakType::novalue)
        return {Kind::novalue, {}};
    const auto* item = entity::item_of(snak);
    assert(item != nullptr);
    return {Kind::item, *item};
}

} // namespace runner::checks
