// SPDX-License-Identifier: GPL-2.0-or-later
// Texts made from the table of settings: what `config show` prints, the reference in
// docs/configuration.md, the example file, and the overview in --help.
#pragma once

#include "config/load.hpp"

#include <string>

namespace runner::config {

/// All settings as a TOML file, each with its origin as a comment; secrets masked.
[[nodiscard]] std::string show_toml(const Loaded& loaded, bool changed_only);
/// The same as one JSON object: key to {value, default, source, environment?, reloadable}.
[[nodiscard]] std::string show_json(const Loaded& loaded, bool changed_only);

/// The tables of docs/configuration.md, in Markdown.
[[nodiscard]] std::string markdown_reference();
/// constraint-runner.toml.example: every setting, commented out, with its default and help.
[[nodiscard]] std::string example_file();
/// A line for each key: key, environment variable, default.
[[nodiscard]] std::string overview();

} // namespace runner::config
