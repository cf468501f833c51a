// SPDX-License-Identifier: GPL-2.0-or-later
// Converts between the text of a value and the member that holds it.
#pragma once

#include "config/settings_table.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

namespace runner::config {

/// Text from the environment or --set, to be interpreted by the row.
struct Plain {
    std::string text; ///< a list is separated by commas
};

/// A value of the TOML file with the type it has there, or plain text.
using Raw = std::variant<Plain, std::string, std::int64_t, double, bool, std::vector<std::string>>;

/// Checks `raw` against the row and stores it. Relative paths are taken from `base`. Throws
/// std::invalid_argument with what was expected; nothing is stored then.
void assign(const SettingRow& row, Target target, const Raw& raw,
            const std::filesystem::path& base);

/// The value as a literal that is both TOML and JSON; secrets masked.
[[nodiscard]] std::string literal(const SettingRow& row, Target target);

/// Whether the row has the same value in both.
[[nodiscard]] bool same_value(const SettingRow& row, Target a, Target b);
void copy_value(const SettingRow& row, Target from, Target to);

/// "a whole number from 1 to 10": the accepted values, for messages and the reference.
[[nodiscard]] std::string expected(const SettingRow& row);

} // namespace runner::config
