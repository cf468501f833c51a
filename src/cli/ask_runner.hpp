// SPDX-License-Identifier: GPL-2.0-or-later
// A question to the runner on the configured socket, for the commands that ask one.
#pragma once

#include "config/settings.hpp"

#include <string>

namespace runner::cli {

/// The body of a good answer. Throws base::Error with the runner's words and an exit code for
/// another one, and as api::send() does when none listens.
[[nodiscard]] std::string ask_runner(const config::Settings& settings, const char* method,
                                     const std::string& target, const std::string& body = {});

} // namespace runner::cli
