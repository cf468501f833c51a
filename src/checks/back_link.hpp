// SPDX-License-Identifier: GPL-2.0-or-later
// Whether the linked entity links back, for the checks inverse and symmetric.
#pragma once

#include "checks/check.hpp"

namespace runner::checks {

/// The verdict on the context's value: the other entity must have a statement of any rank with
/// `property` and the context's entity. `key` is the message when it has none.
[[nodiscard]] Verdict check_back_link(const Context& context, const Constraint& constraint,
                                      entity::PropertyId property, std::string_view key);

} // namespace runner::checks
