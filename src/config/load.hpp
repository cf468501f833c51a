// SPDX-License-Identifier: GPL-2.0-or-later
// Loads the settings: defaults, then the TOML file and those of wikis.d, then the environment, then
// the command line; the later wins. Each key is checked against the table of settings.
#pragma once

#include "config/settings.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace runner::config {

/// Where settings are read from; kept by `serve`, which reads them again on SIGHUP.
struct Sources {
    std::optional<std::filesystem::path> file;
    std::vector<std::string> assignments;           ///< `key=value` of --set
    std::map<std::string, std::string> environment; ///< only the CONSTRAINT_RUNNER_… of it
};

/// The CONSTRAINT_RUNNER_… variables of the process.
[[nodiscard]] std::map<std::string, std::string> runner_environment();

struct Loaded {
    Settings settings;
    /// Where each value that is not the default came from: key to "runner.toml:12",
    /// "CONSTRAINT_RUNNER_LOG_LEVEL" or "--set".
    std::map<std::string, std::string> origins;
    std::vector<std::string> warnings; ///< worth logging, but not fatal
};

/// Throws base::NoInputError when a file is missing or unreadable, base::ConfigError for what is
/// wrong in the file or environment (naming file, line and key), base::UsageError for --set.
[[nodiscard]] Loaded load(const Sources& sources);

/// What a reload changes; the texts are keys.
struct ReloadReport {
    std::vector<std::string> applied;      ///< reloadable, and different
    std::vector<std::string> need_restart; ///< different, but only applied by a restart
    std::vector<WikiSettings> added;       ///< new wikis: not in `current`, but their tokens are
    [[nodiscard]] bool empty() const noexcept {
        return applied.empty() && need_restart.empty() && added.empty();
    }
};

/// `settings` with these wikis, too.
[[nodiscard]] Settings with_wikis(Settings settings, const std::vector<WikiSettings>& added);

/// Reads the sources again and applies the reloadable settings to `current`; the others keep
/// their values. Throws as load() does, and leaves `current` as it was then.
[[nodiscard]] ReloadReport reload(const Sources& sources, Settings& current);

} // namespace runner::config
