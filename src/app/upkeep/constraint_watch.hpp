// SPDX-License-Identifier: GPL-2.0-or-later
// Warns of a wiki whose ids differ from the configured ones: then no property has a constraint, and
// all its results are empty but look complete.
#pragma once

#include "app/line/wiki.hpp"
#include "ops/health.hpp"

namespace runner::app {

/// Sets the warning for each wiki of which properties were read and none had a constraint, and
/// clears it when one has.
void look_for_constraints(const Wikis& wikis, ops::Health& health);

} // namespace runner::app
