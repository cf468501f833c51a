// SPDX-License-Identifier: GPL-2.0-or-later
// The Wiki that checks, with final settings.
#pragma once

#include "app/line/wiki.hpp"

#include <memory>

namespace runner::app {

/// Throws base::ConfigError for files in the settings that can't be read.
[[nodiscard]] std::unique_ptr<Wiki> make_engine_wiki(const config::WikiSettings& settings,
                                                     const config::WorkerSettings& workers,
                                                     const WikiParts& parts);

} // namespace runner::app
