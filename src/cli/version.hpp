// SPDX-License-Identifier: GPL-2.0-or-later
// What `constraint-runner --version` prints.
#pragma once

#include <string>

namespace runner::cli {

/// Version, then build type, compiler, sanitizers and the libraries, a line each.
[[nodiscard]] std::string version_text();

} // namespace runner::cli
