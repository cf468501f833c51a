// SPDX-License-Identifier: GPL-2.0-or-later
// The properties and items that constraint statements are written with, as ids instead of text.
#pragma once

#include "config/wiki_settings.hpp"
#include "entity/entity_id.hpp"

#include <array>
#include <string>

namespace runner::constraints {

/// One wiki's configured ids, parsed once. Throws base::ConfigError naming the setting when a text
/// is not an id.
class Vocabulary {
public:
    explicit Vocabulary(const config::ConstraintIds& ids);

    [[nodiscard]] entity::EntityId id(config::ConstraintId name) const noexcept {
        return ids_[static_cast<std::size_t>(name)];
    }
    /// For names whose default is a property.
    [[nodiscard]] entity::PropertyId property(config::ConstraintId name) const noexcept {
        return {id(name).number};
    }

private:
    std::array<entity::EntityId, config::constraint_id_count> ids_;
};

} // namespace runner::constraints
