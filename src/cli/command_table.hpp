// SPDX-License-Identifier: GPL-2.0-or-later
// All commands and options as JSON, from which manual pages and completions are
// generated (scripts/lib/manual.py), so that they agree with --help.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace runner::cli {

/// An object with `name`, `about`, `options`, `arguments`, `examples` and `commands`, each of these
/// an object of the same kind; the first also has `exit_codes`.
[[nodiscard]] std::string command_table(const CLI::App& app);

} // namespace runner::cli
