// SPDX-License-Identifier: GPL-2.0-or-later
// Entity ids of a Wikibase repository (Q42, P31, L7, L7-F1, L7-S2, M5, E9) as small values that
// compare and hash without touching text.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace runner::entity {

/// The entity types of Wikibase and its extensions, named as Wikibase names them.
enum class EntityType : std::uint8_t {
    item,
    property,
    lexeme,
    form,
    sense,
    mediainfo,
    entity_schema, ///< occurs as a value only; has no statements
};

/// "item", "property", … "entity-schema".
[[nodiscard]] std::string_view to_string(EntityType type) noexcept;
[[nodiscard]] std::optional<EntityType> entity_type_from(std::string_view name) noexcept;

/// One id. `number` is the part after the letter, 1 to 2147483647; `sub` is the number of the
/// form or sense, 0 for all other types.
struct EntityId {
    EntityType type = EntityType::item;
    std::uint32_t number = 0;
    std::uint32_t sub = 0;

    /// Parses an id as Wikibase does: letters in any case, no leading zeros, no white space.
    /// Empty when `text` is not an id of a known type.
    [[nodiscard]] static std::optional<EntityId> parse(std::string_view text) noexcept;

    [[nodiscard]] std::string to_string() const;
    void append_to(std::string& out) const;

    [[nodiscard]] bool valid() const noexcept { return number != 0; }
    /// The id of the page that holds the entity: the lexeme of a form or sense, else the id itself.
    [[nodiscard]] EntityId page() const noexcept {
        return sub == 0 ? *this : EntityId{EntityType::lexeme, number, 0};
    }

    friend constexpr auto operator<=>(const EntityId&, const EntityId&) = default;
    friend constexpr bool operator==(const EntityId&, const EntityId&) = default;
};

/// A numeric property id; 0 is "none".
struct PropertyId {
    std::uint32_t number = 0;

    [[nodiscard]] static std::optional<PropertyId> parse(std::string_view text) noexcept;
    [[nodiscard]] EntityId entity_id() const noexcept { return {EntityType::property, number, 0}; }
    [[nodiscard]] std::string to_string() const;

    friend constexpr auto operator<=>(const PropertyId&, const PropertyId&) = default;
    friend constexpr bool operator==(const PropertyId&, const PropertyId&) = default;
};

} // namespace runner::entity

template <>
struct std::hash<runner::entity::EntityId> {
    std::size_t operator()(const runner::entity::EntityId& id) const noexcept {
        std::uint64_t h = (std::uint64_t{id.number} << 32) ^ (std::uint64_t{id.sub} << 3) ^
                          static_cast<std::uint64_t>(id.type);
        h *= 0x9E3779B97F4A7C15ULL;
        return static_cast<std::size_t>(h ^ (h >> 29));
    }
};

template <>
struct std::hash<runner::entity::PropertyId> {
    std::size_t operator()(const runner::entity::PropertyId& id) const noexcept {
        return std::hash<std::uint64_t>{}(id.number * 0x9E3779B97F4A7C15ULL);
    }
};
