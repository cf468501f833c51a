// SPDX-License-Identifier: GPL-2.0-or-later
// See vocabulary.hpp.
#include "constraints/vocabulary.hpp"

#include "base/error.hpp"

namespace runner::constraints {

Vocabulary::Vocabulary(const config::ConstraintIds& ids) {
    for (std::size_t i = 0; i < ids_.size(); ++i) {
        const auto& row = config::constraint_id_table[i];
        const auto& text = ids[static_cast<config::ConstraintId>(i)];
        const auto parsed = entity::EntityId::parse(text);
        const auto wanted =
            row.default_id[0] == 'P' ? entity::EntityType::property : entity::EntityType::item;
        if (!parsed || parsed->type != wanted)
            throw base::ConfigError(
                std::string{row.setting} + ": \"" + text + "\" is not " +
                (wanted == entity::EntityType::property ? "a property ID" : "an item ID"));
        ids_[i] = *parsed;
    }
}

} // namespace runner::constraints
