// SPDX-License-Identifier: GPL-2.0-or-later
// What the checks of other entities see of an entity.
#pragma once

#include "config/constraint_ids.hpp"
#include "entity/entity.hpp"

#include <cstdint>

namespace runner::checks {

/// A hash of the statements of an entity, ranks included, or of the constraint statements of a
/// property; never 0. As long as it is the same, no result that rests on the entity changes.
/// Qualifiers and references of other statements are not looked at, as no check does.
[[nodiscard]] std::uint64_t seen_by_others(const entity::Entity& entity,
                                           entity::PropertyId property_constraint);

} // namespace runner::checks
