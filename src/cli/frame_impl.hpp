// SPDX-License-Identifier: GPL-2.0-or-later
// What the files of the frame share. Includes CLI11 (5 s of compile time): for them alone.
#pragma once

#include "cli/commands.hpp"
#include "cli/frame.hpp"

#include <CLI/CLI.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace runner::cli {

struct Frame::Impl {
    CLI::App app{"Checks Wikibase entities against their property constraints."};
    std::string config_file;
    std::vector<std::string> assignments;      ///< of --set
    std::vector<std::string> flag_assignments; ///< of the flags that the settings table names
    std::size_t verbose = 0;

    /// Runs the chosen command; empty settings are loaded for it when `needs_settings`.
    std::function<int(const config::Loaded&, const config::Sources&)> chosen;
    bool needs_settings = true;

    /// Adds a command that runs `run` after the settings are loaded.
    CLI::App& command(const std::string& name, const std::string& help,
                      std::function<int(const config::Loaded&, const config::Sources&)> run);
    /// Adds the flags that the table of settings has for a section.
    void add_setting_flags(CLI::App& to, std::string_view section);
    [[nodiscard]] config::Sources sources() const;
};

} // namespace runner::cli
