// SPDX-License-Identifier: GPL-2.0-or-later
// Extras (config::Extra) beside WBQC's results: the runner's own checks, and the fixes of
// violations. Also the pairs of both.
#pragma once

#include "checks/entity_check.hpp"
#include "results/stored_result.hpp"

#include <string>
#include <vector>

namespace runner::checks {

/// Runs the enabled own checks.
void add_own_checks(EntityCheck& check, const Gathered& gathered, const CheckSettings& settings,
                    CheckClock clock);

/// A JSON list, each member with `"own": true` and a place and constraint as in WBQC's results:
/// with "s" a verdict of the runner's own check, where WBQC gives none or another one, and its
/// message as a "sentence" too, since no wiki has that message; with "fix" what is to be used
/// instead (fix.hpp). Empty when there is nothing.
[[nodiscard]] std::string own_json(const EntityCheck& check);

/// One row per statement and constraint: several contexts of a statement count once, with the
/// most severe status.
[[nodiscard]] std::vector<results::Violation> violations_of(const EntityCheck& check);

} // namespace runner::checks
