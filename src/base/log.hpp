// SPDX-License-Identifier: GPL-2.0-or-later
// Sets up the one logger of the process: spdlog's default logger, to standard error, as text for
// people or as one JSON object a line for programs. Everything else logs with spdlog::info(…).
#pragma once

#include <string>
#include <string_view>

namespace runner::base {

enum class LogFormat : unsigned char { text, json };

struct LogOptions {
    std::string level = "info"; ///< one of log_level_names
    LogFormat format = LogFormat::text;
};

/// The valid names for LogOptions::level, most verbose first, separated by ", ".
inline constexpr std::string_view log_level_names =
    "trace, debug, info, warning, error, critical, off";

[[nodiscard]] bool is_log_level(std::string_view name) noexcept;

/// Replaces the default logger. Text lines have a timestamp, unless the journal of systemd reads
/// them: then they have its priority prefix (`<4>`). Control characters of a message are escaped
/// in both formats, so that no input can forge a line.
void setup_logging(const LogOptions& options);

/// Changes the level alone (on reload); a name that is_log_level() refuses is ignored.
void set_log_level(std::string_view name);

/// Appends `text` to `out` as the inside of a JSON string: quotes, backslashes and control
/// characters escaped, bytes that are not UTF-8 replaced by U+FFFD.
void append_json_escaped(std::string& out, std::string_view text);

} // namespace runner::base
