// SPDX-License-Identifier: GPL-2.0-or-later
// The values of an entity that distinct values constraints compare with those of other entities.
#pragma once

#include "config/wiki_settings.hpp"
#include "entity/entity_id.hpp"
#include "results/stored_result.hpp"

#include <vector>

namespace runner::checks {

struct Gathered;

struct OwnValue {
    results::ValueKey key{};
    entity::PropertyId property;
    bool indexed = false; ///< counts for other entities; those in deprecated statements do not
};

/// Every value in a context where a distinct values constraint of its property is checked, unique
/// and sorted by key. Needs the properties of `gathered`.
[[nodiscard]] std::vector<OwnValue> own_values(const Gathered& gathered,
                                               const config::WikiSettings& wiki);

} // namespace runner::checks
