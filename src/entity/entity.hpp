// SPDX-License-Identifier: GPL-2.0-or-later
// The Wikibase data model as the checks read it. An entity is parsed once from its JSON and never
// changes; all its text and lists live in its own arena, so that a parsed entity takes a few
// allocations, is freed in one step, and can be read by many threads.
#pragma once

#include "entity/entity_id.hpp"

#include <cstdint>
#include <memory>
#include <memory_resource>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

namespace runner::entity {

struct MonolingualText {
    std::string_view language;
    std::string_view text;
};

/// A point in time as Wikibase stores it; `time` is the ISO-like string with sign.
struct TimeValue {
    std::string_view time;
    std::string_view calendar_model; ///< URI of the calendar item
    int timezone = 0;                ///< minutes
    int before = 0;
    int after = 0;
    int precision = 0; ///< 0 (billion years) to 14 (second)
};

/// A quantity; amounts are decimal strings with sign, `unit` is "1" or the URI of the unit item.
struct QuantityValue {
    std::string_view amount;
    std::string_view unit;
    std::string_view upper_bound; ///< empty when the quantity has no bounds
    std::string_view lower_bound;
    [[nodiscard]] bool bounded() const noexcept { return !upper_bound.empty(); }
};

struct GlobeCoordinate {
    double latitude = 0;
    double longitude = 0;
    std::optional<double> precision; ///< degrees
    std::string_view globe;          ///< URI of the globe item
};

/// A value that Wikibase can't deserialize (its UnDeserializableValue), or one of the types that
/// it knows but no check reads (boolean, number): kept as its JSON.
struct OtherValue {
    std::string_view type;
    std::string_view json;  ///< the whole `value`, as compact JSON
    std::string_view error; ///< why Wikibase could not deserialize it; empty when it can
};

/// The value of a snak. The order of the alternatives is not a contract.
using DataValue = std::variant<EntityId, std::string_view, MonolingualText, TimeValue,
                               QuantityValue, GlobeCoordinate, OtherValue>;

/// The data value type as Wikibase names it: "wikibase-entityid", "string", "monolingualtext",
/// "time", "quantity", "globecoordinate"; for OtherValue "bad" or the type it claims.
[[nodiscard]] std::string_view type_name(const DataValue& value) noexcept;

/// The id when the value is what PHP calls an EntityIdValue, else null. A link to an EntitySchema
/// has the same type name but is not one.
[[nodiscard]] inline const EntityId* entity_id_of(const DataValue& value) noexcept {
    const auto* id = std::get_if<EntityId>(&value);
    return id != nullptr && id->type != EntityType::entity_schema ? id : nullptr;
}

enum class SnakType : std::uint8_t { value, somevalue, novalue };

struct Snak {
    PropertyId property;
    SnakType type = SnakType::value;
    std::string_view hash; ///< 40 hexadecimal digits, Wikibase's own
    DataValue value;       ///< meaningful only for SnakType::value
};

struct Reference {
    std::string_view hash;
    std::span<const Snak> snaks; ///< in their order
};

enum class Rank : std::uint8_t { deprecated, normal, preferred };

struct Statement {
    Snak main;
    Rank rank = Rank::normal;
    std::string_view guid;
    std::span<const Snak> qualifiers; ///< in `qualifiers-order`
    std::span<const Reference> references;
};

/// The item id of a value snak with an item, else null.
[[nodiscard]] inline const EntityId* item_of(const Snak& snak) noexcept {
    if (snak.type != SnakType::value)
        return nullptr;
    const auto* id = entity_id_of(snak.value);
    return id != nullptr && id->type == EntityType::item ? id : nullptr;
}

/// One entity. Forms and senses are entities of their own, held by their lexeme.
struct Entity {
    EntityId id;
    std::uint64_t revision = 0;            ///< `lastrevid`; 0 when the JSON does not say
    std::string_view data_type;            ///< of a property; empty otherwise
    std::string_view lemma_language_item;  ///< `language` of a lexeme: its item id
    std::string_view lexical_category;     ///< of a lexeme: its item id
    std::span<const Statement> statements; ///< in Wikibase's order
    std::span<const std::string_view> label_languages;       ///< sorted
    std::span<const std::string_view> description_languages; ///< of items and properties
    std::span<const Entity> forms;
    std::span<const Entity> senses;

    [[nodiscard]] bool has_label(std::string_view language) const noexcept;
    [[nodiscard]] bool has_description(std::string_view language) const noexcept;
};

/// An entity with its arena.
class EntityDocument {
public:
    explicit EntityDocument(std::size_t json_bytes)
        : json_bytes_(json_bytes), arena_(json_bytes + 512) {}
    EntityDocument(const EntityDocument&) = delete;
    EntityDocument& operator=(const EntityDocument&) = delete;

    [[nodiscard]] const Entity& entity() const noexcept { return entity_; }
    /// Length of the JSON it was parsed from; about the memory that it holds.
    [[nodiscard]] std::size_t json_bytes() const noexcept { return json_bytes_; }
    /// The entity itself, or one of its forms and senses; null when the page does not hold `id`.
    [[nodiscard]] const Entity* find(const EntityId& id) const noexcept;

private:
    friend class EntityReader;
    friend class DigestReader;
    std::size_t json_bytes_;
    std::pmr::monotonic_buffer_resource arena_;
    Entity entity_;
};

using EntityPtr = std::shared_ptr<const EntityDocument>;

/// Parses one entity as Special:EntityData or a JSON dump gives it (the bare entity, not the
/// `{"entities": …}` wrapper). Throws base::DataError naming the path of the field that is wrong.
/// Both spellings of an empty map (`[]` and `{}`) are taken. Limits: nesting of 100 levels.
[[nodiscard]] EntityPtr parse_entity(std::string_view json);

} // namespace runner::entity
