// SPDX-License-Identifier: GPL-2.0-or-later
// The wiki that checks, with settings that are final.
#pragma once

#include "app/wiki.hpp"

#include <memory>

namespace runner::app {

/// Throws base::ConfigError for what the settings name and can't be read.
[[nodiscard]] std::unique_ptr<Wiki> make_engine_wiki(const config::WikiSettings& settings,
                                                     const config::WorkerSettings& workers,
                                                     const WikiParts& parts);

} // namespace runner::app
