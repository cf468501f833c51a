// SPDX-License-Identifier: GPL-2.0-or-later
// Process-level facts about the daemon.
#pragma once

#include "config/settings.hpp"
#include "store/common/session.hpp"

#include <string>

namespace runner::app {

/// "HOST:PROCESS:TIME": the owner of leases.
[[nodiscard]] std::string worker_name();
/// Throws base::PermissionError as root, unless server.allow_root is set.
void refuse_root(const config::ServerSettings& server);
[[nodiscard]] unsigned worker_threads(const config::Settings& settings);
[[nodiscard]] store::DatabaseOptions database_options(const config::Settings& settings);
/// Logs a warning about wikis without api_url: a redirect whose target is missing looks like a
/// missing page there, for good once a minute has passed.
void warn_of_missing_api(const config::Settings& settings);

} // namespace runner::app
