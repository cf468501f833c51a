// SPDX-License-Identifier: GPL-2.0-or-later
// The options of the daemon's parts, from the settings.
#pragma once

#include "app/line/check_job.hpp"
#include "config/settings.hpp"
#include "queue/acceptor.hpp"
#include "store/common/session.hpp"

#include <string>

namespace runner::app {

[[nodiscard]] queue::AcceptorOptions acceptor_options(const config::Settings& settings,
                                                      const store::DatabaseOptions& database);
[[nodiscard]] CheckJobsTuning check_jobs_tuning(const config::QueueSettings& queue);
/// But for `flush_classes`.
[[nodiscard]] CheckJobsOptions check_jobs_options(const config::Settings& settings,
                                                  const store::DatabaseOptions& database,
                                                  const std::string& worker);

} // namespace runner::app
