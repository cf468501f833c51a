// SPDX-License-Identifier: GPL-2.0-or-later
// What the commands say on standard error. On a terminal it is wrapped at its width, between words
// and indented, so that ids, paths and URLs stay whole; elsewhere a message stays one line, for
// programs.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace runner::cli {

/// Columns of the terminal of file descriptor `fd`; 0: it is none.
[[nodiscard]] std::size_t terminal_columns(int fd);

/// The lines of `text`, each broken between words where it has more than `columns` columns; what
/// follows is indented: below the last column of a table, else by two more than the line. A word
/// that is longer than that stays whole. 0 columns: `text` as it is.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t columns);

/// A message and a line feed.
void tell(std::string_view text);
/// The same after the name of the program.
void note(std::string_view text);
/// On a terminal: replaces the line of the last progress, and is cut to its width.
void tell_progress(std::string_view text);

} // namespace runner::cli
