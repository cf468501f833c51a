// SPDX-License-Identifier: GPL-2.0-or-later
// See tell.hpp. A message is written at once: threads tell too.
#include "cli/tell.hpp"

#include "base/terminal.hpp"
#include "base/unicode.hpp"
#include "base/utf8.hpp"

#include <algorithm>
#include <cstdio>
#include <sys/ioctl.h>
#include <unistd.h>

namespace runner::cli {

namespace {

constexpr std::string_view program = "constraint-runner: ";
constexpr std::size_t least_room = 20; // beside an indent

/// How far what does not fit into the line goes in.
std::size_t indent_of(std::string_view line, std::size_t columns) {
    const std::size_t begin = std::min(line.find_first_not_of(' '), line.size());
    const std::size_t gap = line.rfind("  ");
    if (gap != std::string_view::npos && gap >= begin)
        if (const std::size_t column = base::columns_of(line.substr(0, gap + 2));
            column + least_room <= columns)
            return column;
    return begin + 2 + least_room <= columns ? begin + 2 : 0;
}

void append_line(std::string& out, std::string_view line, std::size_t columns) {
    if (base::columns_of(line) <= columns) {
        out += line;
        return;
    }
    const std::size_t indent = indent_of(line, columns);
    std::size_t at = std::min(line.find_first_not_of(' '), line.size());
    out.append(at, ' ');
    std::size_t used = at;
    bool first = true; // of its line
    while (at < line.size()) {
        const std::size_t begin = std::min(line.find_first_not_of(' ', at), line.size());
        const std::size_t end = std::min(line.find(' ', begin), line.size());
        const std::string_view word = line.substr(begin, end - begin);
        const std::size_t width = base::columns_of(word);
        const std::size_t gap = first ? 0 : begin - at; // gaps inside a line stay
        if (word.empty())
            break;
        if (!first && used + gap + width > columns) {
            out += '\n';
            out.append(indent, ' ');
            used = indent;
        } else {
            out.append(gap, ' ');
            used += gap;
        }
        out += word;
        used += width;
        first = false;
        at = end;
    }
}

void write(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
}

} // namespace

std::size_t terminal_columns(int fd) {
    if (::isatty(fd) != 1)
        return 0;
    constexpr std::size_t usual = 80; // of terminals that do not say
    winsize size{};
    return ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : usual;
}

std::string wrapped(std::string_view text, std::size_t columns) {
    if (columns == 0)
        return std::string(text);
    std::string out;
    for (std::size_t from = 0;;) {
        const std::size_t end = std::min(text.find('\n', from), text.size());
        append_line(out, text.substr(from, end - from), columns);
        if (end == text.size())
            return out;
        out += '\n';
        from = end + 1;
    }
}

void tell(std::string_view text) { write(wrapped(text, terminal_columns(STDERR_FILENO)) + '\n'); }

void note(std::string_view text) { tell(std::string(program).append(text)); }

void tell_progress(std::string_view text) {
    const std::size_t columns = std::max<std::size_t>(terminal_columns(STDERR_FILENO), 2) - 1;
    write("\r\x1b[K" + std::string(base::first_columns(text, columns)));
}

} // namespace runner::cli
