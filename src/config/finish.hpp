// SPDX-License-Identifier: GPL-2.0-or-later
// The last step of loading: what concerns several settings at once, and the password.
#pragma once

#include "config/load.hpp"

namespace runner::config {

/// Checks the settings against each other and reads `database.password_file`. Throws
/// base::ConfigError naming the keys, base::NoInputError for an unreadable password file.
void finish(Loaded& loaded);

} // namespace runner::config
