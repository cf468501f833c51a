// SPDX-License-Identifier: GPL-2.0-or-later
// Warns of a wiki whose ids are not those that the runner knows: no property has a constraint then,
// and all its results are empty and look complete.
#pragma once

#include "app/wiki.hpp"
#include "ops/health.hpp"

namespace runner::app {

/// Notes the warning for each wiki of which properties were read and none had a constraint, and takes
/// it back when one has.
void look_for_constraints(const Wikis& wikis, ops::Health& health);

} // namespace runner::app
