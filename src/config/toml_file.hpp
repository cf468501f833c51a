// SPDX-License-Identifier: GPL-2.0-or-later
// A TOML file as a flat list of keys and values with their lines, so that toml++ stays in one
// .cpp.
#pragma once

#include "config/value.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace runner::config {

struct TomlEntry {
    std::vector<std::string> path; ///< {"wiki", "wikidatawiki", "source"}
    Raw value;                     ///< never Plain
    std::uint32_t line = 0;
    /// What the value is when no setting can be it ("a date", "an array of tables"); else null.
    const char* unusable = nullptr;
    bool is_table = false; ///< the head of a table, empty or not: it has no value
};

/// Entries in the order of the file. `name` is in messages. Throws base::ConfigError with
/// line and column when the text is no TOML.
[[nodiscard]] std::vector<TomlEntry> parse_toml(std::string_view text, std::string_view name);

} // namespace runner::config
