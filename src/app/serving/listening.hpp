// SPDX-License-Identifier: GPL-2.0-or-later
// Creates the API's sockets, tokens and limits from the settings.
#pragma once

#include "api/listen.hpp"
#include "api/server.hpp"
#include "config/settings.hpp"

#include <cstddef>
#include <vector>

namespace runner::app {

/// Those of systemd or of the settings, open. Throws base::ConfigError when there is none or when
/// TCP would need a token, and what api::listen_unix() and api::listen_loopback() throw.
[[nodiscard]] std::vector<api::Listener> listeners(const config::Settings& settings);

/// One for each token; the wikis of a token are those whose files have it.
[[nodiscard]] api::AccessRules access_rules(const config::Settings& settings);

/// `max_files` is how many files the process may have open.
[[nodiscard]] api::ServerLimits server_limits(const config::ServerSettings& server,
                                              std::size_t max_files);

} // namespace runner::app
