// SPDX-License-Identifier: GPL-2.0-or-later
// An entity id as one number of 64 bits, for tables of millions, in memory and in the database.
// The code of an item is its own number: 42 is Q42.
#pragma once

#include "entity/entity_id.hpp"

#include <cstdint>

namespace runner::entity {

/// Never change these: codes are stored.
[[nodiscard]] constexpr std::int64_t code_of(const EntityId& id) noexcept {
    if (id.sub == 0)
        return static_cast<std::int64_t>(static_cast<std::uint64_t>(id.type) << 32 | id.number);
    const std::uint64_t sense = id.type == EntityType::sense ? 1 : 0;
    return static_cast<std::int64_t>(std::uint64_t{1} << 63 | sense << 62 |
                                     std::uint64_t{id.number} << 31 | id.sub);
}

/// The inverse of code_of(); any number gives some id.
[[nodiscard]] constexpr EntityId id_of(std::int64_t code) noexcept {
    const auto bits = static_cast<std::uint64_t>(code);
    constexpr std::uint64_t low = 0x7FFF'FFFF;
    if (bits >> 63 == 0)
        return {static_cast<EntityType>(bits >> 32 & 7), static_cast<std::uint32_t>(bits & low), 0};
    return {(bits >> 62 & 1) != 0 ? EntityType::sense : EntityType::form,
            static_cast<std::uint32_t>(bits >> 31 & low), static_cast<std::uint32_t>(bits & low)};
}

} // namespace runner::entity
