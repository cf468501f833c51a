// SPDX-License-Identifier: GPL-2.0-or-later
// The composition root of `serve`: creates all parts, connects them, starts and stops them in
// order, and handles signals.
#pragma once

#include "config/load.hpp"
#include "config/settings.hpp"

#include <functional>
#include <memory>
#include <string>

namespace runner::app {

/// The daemon's inputs.
struct DaemonOptions {
    config::Settings settings;
    config::Sources sources; ///< read again on SIGHUP
};

/// Runs until SIGTERM or SIGINT; returns the exit code. Throws base::Error when it can't start:
/// PermissionError as root, ConfigError, OsError when another runner listens, SchemaError.
int run_daemon(DaemonOptions options);

} // namespace runner::app
