// SPDX-License-Identifier: GPL-2.0-or-later
// What `config check` finds beyond what makes a configuration unreadable.
#pragma once

#include "config/settings.hpp"

#include <string>
#include <vector>

namespace runner::cli {

/// What the settings name and is not there: files, folders, programs, hosts, groups. One line for
/// each, which begins with the setting. Looks hosts up; connects to nothing.
[[nodiscard]] std::vector<std::string> config_problems(const config::Settings& settings);

} // namespace runner::cli
