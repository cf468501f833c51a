// SPDX-License-Identifier: GPL-2.0-or-later
// What --help says below the options: examples, and what the exit codes mean.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace CLI {
class App;
}

namespace runner::cli {

/// Gives the commands their examples and exit codes, when all have been added.
void add_notes(CLI::App& app);

/// Lines to type; none for a command that has commands below it.
[[nodiscard]] std::vector<std::string> examples(std::string_view command);

/// Of all commands, with their meaning.
[[nodiscard]] const std::vector<std::pair<int, std::string_view>>& exit_codes();

} // namespace runner::cli
