// SPDX-License-Identifier: GPL-2.0-or-later
// A request to the runner on the configured socket, for the commands that need one.
#pragma once

#include "config/settings.hpp"

#include <chrono>
#include <string>

namespace runner::cli {

/// The body of a successful response. Throws base::Error with the runner's message and an exit
/// code otherwise, and as api::send() does without a listener.
[[nodiscard]] std::string ask_runner(const config::Settings& settings, const char* method,
                                     const std::string& target, const std::string& body = {},
                                     std::chrono::milliseconds timeout = std::chrono::seconds(30));

} // namespace runner::cli
