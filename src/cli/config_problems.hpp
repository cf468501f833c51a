// SPDX-License-Identifier: GPL-2.0-or-later
// Problems that `config check` finds in a readable configuration.
#pragma once

#include "config/settings.hpp"

#include <string>
#include <vector>

namespace runner::cli {

/// Missing files, folders, programs, hosts and groups that the settings name. One line each, which
/// begins with the setting. Resolves hosts, but does not connect.
[[nodiscard]] std::vector<std::string> config_problems(const config::Settings& settings);

} // namespace runner::cli
