// SPDX-License-Identifier: GPL-2.0-or-later
// The extra "fix": the replacement that a constraint names.
#pragma once

#include "constraints/constraint.hpp"
#include "constraints/vocabulary.hpp"

#include <string>

namespace runner::checks {

/// `{"replace_property": "P1", "replace_value": {"type", "value"}, "own": true}` of the qualifiers
/// "replacement property" and "replacement value", either of which may be missing. "No value" is
/// null: nothing replaces it. Several make a list, from which a person must choose. Empty when the
/// constraint names no usable replacement.
[[nodiscard]] std::string fix_of(const constraints::Constraint& constraint,
                                 const constraints::Vocabulary& vocabulary);

} // namespace runner::checks
