// SPDX-License-Identifier: GPL-2.0-or-later
// `constraint-runner serve`: the daemon.
#include "app/process/daemon.hpp"
#include "base/log.hpp"
#include "cli/commands.hpp"

namespace runner::cli {

int run_serve(const config::Settings& settings, const ServeOptions& options) {
    base::setup_logging(settings.log);
    return app::run_daemon({settings, options.sources});
}

} // namespace runner::cli
