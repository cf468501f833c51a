// SPDX-License-Identifier: GPL-2.0-or-later
// Probes whether a wiki answers at all, before there is a job for it.
#pragma once

#include "config/wiki_settings.hpp"

#include <string>

namespace runner::source {

/// Asks a wiki with `source = "http"` for the property of constraints, once and for five seconds at
/// most; of one with `source = "file"` looks at the beginning of each file. Why it can't answer;
/// empty: it does, or can't be probed like this.
[[nodiscard]] std::string probe(const config::WikiSettings& wiki);

} // namespace runner::source
