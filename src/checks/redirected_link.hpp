// SPDX-License-Identifier: GPL-2.0-or-later
// The extra "redirects": a link back to a redirect of the subject is a link back to the subject,
// for inverse and symmetric.
#pragma once

#include "checks/check.hpp"

#include <vector>

namespace runner::checks {

/// The entities that a value links to with `property`, for CheckRow::others. None if it links to
/// the subject, or to too many others to look at.
void add_links(const entity::Entity& value, entity::PropertyId property,
               const entity::EntityId& subject, std::vector<entity::EntityId>& out);

/// As check_back_link(); redirects of the context's entity count as itself.
[[nodiscard]] Verdict check_redirected_link(const Context& context, const Constraint& constraint,
                                            entity::PropertyId property, std::string_view key);

} // namespace runner::checks
