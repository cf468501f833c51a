// SPDX-License-Identifier: GPL-2.0-or-later
// The part of --help below the options: examples, and the meaning of exit codes.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace CLI {
class App;
}

namespace runner::cli {

/// Adds examples and exit codes to the commands, after all have been added.
void add_notes(CLI::App& app);

/// Example lines; none for a command with subcommands.
[[nodiscard]] std::vector<std::string> examples(std::string_view command);

/// Of all commands, with their meaning.
[[nodiscard]] const std::vector<std::pair<int, std::string_view>>& exit_codes();

} // namespace runner::cli
