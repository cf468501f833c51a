// SPDX-License-Identifier: GPL-2.0-or-later
#include "facts/seen_by_others.hpp"

#include "base/sha1.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace runner::facts {

namespace {

std::uint64_t hash_of(std::string_view text) {
    const auto digest = base::sha1(text);
    std::uint64_t hash = 0;
    for (std::size_t i = 0; i < 8; ++i)
        hash = hash << 8 | digest[i];
    return std::max<std::uint64_t>(hash, 1);
}

void append(std::string& text, const entity::Snak& snak) {
    text += snak.property.to_string();
    text += snak.hash;
}

bool is_property(const entity::Entity& entity) {
    return entity.id.type == entity::EntityType::property;
}

std::string text_of(const entity::Entity& entity, entity::PropertyId property_constraint,
                    bool all_statements, bool lexical_category) {
    std::string text(entity.data_type);
    text += entity.lemma_language_item;
    if (lexical_category)
        text += entity.lexical_category;
    for (const entity::Statement& statement : entity.statements) {
        const bool constraint =
            is_property(entity) && statement.main.property == property_constraint;
        if (!constraint && !all_statements)
            continue;
        text += static_cast<char>('0' + static_cast<int>(statement.rank));
        append(text, statement.main);
        if (!constraint)
            continue;
        text += statement.guid; // results name their constraint
        for (const entity::Snak& qualifier : statement.qualifiers)
            append(text, qualifier);
    }
    return text;
}

constexpr std::uint64_t lowest_bit = 1, second_bit = 2; // never 0 or 1, which mean something else

} // namespace

std::uint64_t seen_by_others(const entity::Entity& entity, entity::PropertyId property_constraint,
                             bool lexical_category) {
    const std::uint64_t hash =
        hash_of(text_of(entity, property_constraint, !is_property(entity), lexical_category));
    return is_property(entity) ? (hash | second_bit) & ~lowest_bit : hash;
}

std::uint64_t seen_when_linked(const entity::Entity& entity, entity::PropertyId property_constraint,
                               bool lexical_category) {
    const std::uint64_t hash =
        hash_of(text_of(entity, property_constraint, true, lexical_category));
    return is_property(entity) ? hash | second_bit | lowest_bit : hash;
}

std::uint64_t seen_of_redirect(const entity::EntityId& target) {
    return hash_of("redirect " + target.to_string());
}

} // namespace runner::facts
