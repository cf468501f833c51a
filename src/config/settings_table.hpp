// SPDX-License-Identifier: GPL-2.0-or-later
// The ONE table of settings: a row for each key. The parsers of file, environment and command
// line, the defaults shown, `config show`, the reference in docs/ and the example file all come
// from it.
#pragma once

#include "config/settings.hpp"

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace runner::config {

/// Where the value of a row is stored. `wiki` is null for the rows that are not of a wiki.
struct Target {
    Settings* settings = nullptr;
    WikiSettings* wiki = nullptr;
};

template <typename T>
using Ref = T& (*)(Target);

/// Finds the value, and gives its C++ type.
using Access =
    std::variant<Ref<std::string>, Ref<std::filesystem::path>, Ref<bool>, Ref<std::uint32_t>,
                 Ref<std::int64_t>, Ref<std::chrono::milliseconds>, Ref<double>,
                 Ref<std::vector<std::string>>, Ref<std::vector<std::filesystem::path>>,
                 Ref<base::LogFormat>, Ref<SourceKind>, Ref<WbqcVersion>>;

/// How the value is written.
enum class Kind : unsigned char {
    text,
    path, ///< relative to the file that names it, or to the working directory
    boolean,
    integer,
    share,    ///< from 0 to 1
    size,     ///< "16MiB" or a number of bytes
    duration, ///< "30s" or a number of seconds
    mode,     ///< octal, "0660"
    choice,
    text_list,
    path_list,
};

struct SettingRow {
    std::string_view key; ///< "server.socket"; "wiki.*.source" in a wiki's table
    Kind kind;
    Access access;
    bool reloadable; ///< takes effect on SIGHUP, without a restart
    std::string_view help;
    /// Of numbers; durations in milliseconds.
    std::int64_t min = 0;
    std::int64_t max = std::numeric_limits<std::int32_t>::max();
    /// What is wrong with a text (each one of a list), empty when nothing is; may be null.
    std::string (*problem)(const std::string&) = nullptr;
    std::string_view flag = {}; ///< a dedicated command-line option, "--socket"

    [[nodiscard]] bool of_wiki() const noexcept { return key.starts_with("wiki.*."); }
    /// "server", or "wiki.*".
    [[nodiscard]] std::string_view section() const noexcept {
        return key.substr(0, key.rfind('.'));
    }
    /// "socket".
    [[nodiscard]] std::string_view name() const noexcept { return key.substr(key.rfind('.') + 1); }
    /// "CONSTRAINT_RUNNER_SERVER_SOCKET"; empty for the settings of a wiki.
    [[nodiscard]] std::string environment() const;
};

/// In display order; the rows of a section are adjacent.
[[nodiscard]] std::span<const SettingRow> settings_table() noexcept;

/// The row of "server.socket", or of "wiki.*.source"; null for an unknown key.
[[nodiscard]] const SettingRow* find_row(std::string_view key) noexcept;

/// Names of the values of a choice, in the order of the enumeration.
[[nodiscard]] std::span<const std::string_view> choices(const SettingRow& row) noexcept;

} // namespace runner::config
