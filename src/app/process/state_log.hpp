// SPDX-License-Identifier: GPL-2.0-or-later
// The lines that SIGUSR1 writes to the log: readiness, counts, the longest-running jobs.
#pragma once

#include "api/server.hpp"
#include "app/line/check_job.hpp"
#include "app/serving/check_service.hpp"
#include "app/serving/imports.hpp"
#include "base/clock.hpp"
#include "ops/health.hpp"
#include "ops/metrics.hpp"
#include "queue/acceptor.hpp"

#include <memory>

namespace runner::app {

struct StateParts {
    base::SteadyClock::time_point started;
    const ops::Health& health;
    const ops::Metrics& metrics;
    api::Server& server;
    CheckService& checks;
    queue::Acceptor& acceptor;
    Imports& imports;
    std::shared_ptr<CheckJobs> jobs; ///< null: the database has not answered yet
};

/// Writes the lines. Never blocks.
void log_state(const StateParts& parts);

} // namespace runner::app
