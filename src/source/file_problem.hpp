// SPDX-License-Identifier: GPL-2.0-or-later
// Validates the files named in the settings before anything waits for them.
#pragma once

#include "config/settings.hpp"

#include <filesystem>
#include <string>

namespace runner::source {

/// Why a file can't be read as a file of entities, from its beginning; empty when it can. Never
/// waits, as opening a FIFO would.
[[nodiscard]] std::string file_problem(const std::filesystem::path& file);

/// Throws base::ConfigError, naming setting and file, when one of the wiki's files is there and is
/// not a regular one.
void require_regular_files(const config::WikiSettings& wiki);

} // namespace runner::source
