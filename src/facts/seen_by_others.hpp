// SPDX-License-Identifier: GPL-2.0-or-later
// What the checks of other entities see of an entity, as a hash.
#pragma once

#include "entity/entity.hpp"

#include <cstdint>

namespace runner::facts {

/// A hash of the statements of an entity, ranks included, or of the constraint statements of a
/// property; never 0. As long as it is the same, no result that depends on the entity changes.
/// Qualifiers and references of other statements are left out: no check looks at them.
/// `lexical_category`: checks look at that of a lexeme too, as only the runner's own do.
[[nodiscard]] std::uint64_t seen_by_others(const entity::Entity& entity,
                                           entity::PropertyId property_constraint,
                                           bool lexical_category = false);

/// The same for those that link to it: of a property all statements too, an odd number; what
/// seen_by_others() says of a property is even.
[[nodiscard]] std::uint64_t seen_when_linked(const entity::Entity& entity,
                                             entity::PropertyId property_constraint,
                                             bool lexical_category = false);

/// The same for a page that redirects.
[[nodiscard]] std::uint64_t seen_of_redirect(const entity::EntityId& target);

} // namespace runner::facts
