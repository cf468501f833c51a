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

} // namespace

std::uint64_t seen_by_others(const entity::Entity& entity,
                             entity::PropertyId property_constraint) {
    const bool is_property = entity.id.type == entity::EntityType::property;
    std::string text(entity.data_type);
    text += entity.lemma_language_item;
    for (const entity::Statement& statement : entity.statements) {
        if (is_property && statement.main.property != property_constraint)
            continue;
        text += static_cast<char>('0' + static_cast<int>(statement.rank));
        append(text, statement.main);
        if (!is_property)
            continue;
        text += statement.guid; // results name their constraint
        for (const entity::Snak& qualifier : statement.qualifiers)
            append(text, qualifier);
    }
    return hash_of(text);
}

std::uint64_t seen_of_redirect(const entity::EntityId& target) {
    return hash_of("redirect " + target.to_string());
}

} // namespace runner::facts
