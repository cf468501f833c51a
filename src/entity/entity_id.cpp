// SPDX-License-Identifier: GPL-2.0-or-later
// Parsing and printing of entity ids; see entity_id.hpp.
#include "entity/entity_id.hpp"

#include <array>
#include <charconv>

namespace runner::entity {

namespace {

constexpr std::array<std::string_view, 7> type_names{"item",  "property",  "lexeme",       "form",
                                                     "sense", "mediainfo", "entity-schema"};
constexpr std::uint64_t max_number = 2147483647; // Wikibase's Int32EntityId::MAX

/// Digits without a leading zero, up to the end or to `stop`; moves `text` past them.
std::optional<std::uint32_t> take_number(std::string_view& text) noexcept {
    if (text.empty() || text[0] < '1' || text[0] > '9')
        return std::nullopt;
    std::uint64_t number = 0;
    std::size_t i = 0;
    for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i) {
        number = number * 10 + static_cast<std::uint64_t>(text[i] - '0');
        if (number > max_number)
            return std::nullopt;
    }
    text.remove_prefix(i);
    return static_cast<std::uint32_t>(number);
}

char upper(char c) noexcept { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

constexpr char letter(EntityType type) noexcept {
    switch (type) {
    case EntityType::item: return 'Q';
    case EntityType::property: return 'P';
    case EntityType::lexeme: return 'L';
    case EntityType::form: return 'F';
    case EntityType::sense: return 'S';
    case EntityType::mediainfo: return 'M';
    case EntityType::entity_schema: return 'E';
    }
    return 'Q';
}

void append_number(std::string& out, std::uint32_t number) {
    char digits[10];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    out.append(digits, end);
}

} // namespace

std::string_view to_string(EntityType type) noexcept {
    return type_names[static_cast<std::size_t>(type)];
}

std::optional<EntityType> entity_type_from(std::string_view name) noexcept {
    for (std::size_t i = 0; i < type_names.size(); ++i)
        if (type_names[i] == name)
            return static_cast<EntityType>(i);
    return std::nullopt;
}

std::optional<EntityId> EntityId::parse(std::string_view text) noexcept {
    if (text.size() < 2)
        return std::nullopt;
    EntityId id;
    switch (upper(text[0])) {
    case 'Q': id.type = EntityType::item; break;
    case 'P': id.type = EntityType::property; break;
    case 'L': id.type = EntityType::lexeme; break;
    case 'M': id.type = EntityType::mediainfo; break;
    case 'E': id.type = EntityType::entity_schema; break;
    default: return std::nullopt;
    }
    text.remove_prefix(1);
    const auto number = take_number(text);
    if (!number)
        return std::nullopt;
    id.number = *number;
    if (text.empty())
        return id;
    if (id.type != EntityType::lexeme || text.size() < 3 || text[0] != '-')
        return std::nullopt;
    const char kind = upper(text[1]);
    if (kind != 'F' && kind != 'S')
        return std::nullopt;
    id.type = kind == 'F' ? EntityType::form : EntityType::sense;
    text.remove_prefix(2);
    const auto sub = take_number(text);
    if (!sub || !text.empty())
        return std::nullopt;
    id.sub = *sub;
    return id;
}

void EntityId::append_to(std::string& out) const {
    if (sub != 0) {
        out += 'L';
        append_number(out, number);
        out += '-';
        out += letter(type);
        append_number(out, sub);
        return;
    }
    out += letter(type);
    append_number(out, number);
}

std::string EntityId::to_string() const {
    std::string out;
    append_to(out);
    return out;
}

std::optional<PropertyId> PropertyId::parse(std::string_view text) noexcept {
    const auto id = EntityId::parse(text);
    if (!id || id->type != EntityType::property)
        return std::nullopt;
    return PropertyId{id->number};
}

std::string PropertyId::to_string() const { return entity_id().to_string(); }

} // namespace runner::entity
