// SPDX-License-Identifier: GPL-2.0-or-later
// The settings of a wiki that determine the result of a check.
#pragma once

#include "config/wiki_settings.hpp"

#include <string>

namespace runner::config {

/// A hash of them, as text: ids, scopes, units, the unit conversion file's content. Two runners
/// with the same fingerprint produce the same results.
[[nodiscard]] std::string fingerprint(const WikiSettings& wiki);

} // namespace runner::config
