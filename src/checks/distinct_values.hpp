// SPDX-License-Identifier: GPL-2.0-or-later
// The values of an entity that distinct values constraints compare with those of other entities.
#pragma once

#include "config/wiki_settings.hpp"
#include "constraints/constraint.hpp"
#include "entity/entity.hpp"
#include "results/stored_result.hpp"

#include <vector>

namespace runner::checks {

struct Gathered;

struct OwnValue {
    results::ValueKey key{};
    entity::PropertyId property;
    bool asked = false;   ///< a check looks for other entities with it
    bool indexed = false; ///< the check of another entity may look for it
};

/// What a check looks for.
struct Question {
    const entity::Snak* snak;
    const constraints::Constraint* constraint;
    results::ValueKey key;
};

struct OwnValues {
    std::vector<OwnValue> values; ///< unique and sorted by key
    std::vector<Question> questions;
};

/// Every value in a context where a distinct values constraint of its property is checked. Needs
/// the properties of `gathered`, and refers to them and to its entity.
[[nodiscard]] OwnValues own_values(const Gathered& gathered, const config::WikiSettings& wiki);

} // namespace runner::checks
