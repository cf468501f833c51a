// SPDX-License-Identifier: GPL-2.0-or-later
// Which settings of a wiki decide what a check of an entity gives.
#pragma once

#include "config/wiki_settings.hpp"

#include <string>

namespace runner::config {

/// A hash of them, as text: ids, scopes, units, the unit conversion file's content. Of two runners
/// with the same fingerprint, the results of an entity are the same.
[[nodiscard]] std::string fingerprint(const WikiSettings& wiki);

} // namespace runner::config
