// SPDX-License-Identifier: GPL-2.0-or-later
// See import_progress.hpp.
#include "cli/import_progress.hpp"

#include "base/clock.hpp"
#include "base/terminal.hpp"
#include "base/unicode.hpp"
#include "base/utf8.hpp"
#include "cli/tell.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <unistd.h>

namespace runner::cli {

namespace {

constexpr unsigned bar_width = 24;
constexpr std::int64_t line_interval = 5; // seconds, where there is no terminal

/// At most `width` columns; control characters, which a name might bring, become "?".
std::string shortened(const std::string& raw, unsigned width) {
    const std::string text = base::terminal_text(raw, '?');
    std::string out;
    std::size_t columns = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = at;
        const auto character = base::next_character(text, at);
        at += character ? 0 : 1;
        columns += character ? base::columns_of(*character) : 1;
        if (columns > width)
            break;
        out.append(text, begin, at - begin);
    }
    return out;
}

std::string counts(const ImportProgress& progress) {
    std::string text = with_commas(progress.done + progress.failed);
    if (progress.total)
        text += fmt::format(" of {}{}", progress.total_known ? "" : "about ",
                            with_commas(*progress.total));
    if (progress.failed > 0)
        text += fmt::format(", {} failed", with_commas(progress.failed));
    if (progress.rate > 0)
        text += fmt::format("  {}/s", with_commas(static_cast<std::uint64_t>(progress.rate)));
    if (progress.eta_seconds)
        text += fmt::format("  {} left", clock_time(*progress.eta_seconds));
    return text;
}

} // namespace

std::string with_commas(std::uint64_t number) {
    std::string digits = std::to_string(number);
    for (std::size_t at = digits.size(); at > 3; at -= 3)
        digits.insert(at - 3, ",");
    return digits;
}

std::string clock_time(std::uint64_t seconds) {
    if (seconds >= 3600)
        return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
}

std::string progress_bar(const ImportProgress& progress, unsigned width) {
    std::string text;
    const std::uint64_t over = progress.done + progress.failed;
    const bool complete = progress.status == "complete";
    if (complete || (progress.total && *progress.total > 0)) {
        const double share =
            complete
                ? 1.0
                : std::min(1.0, static_cast<double>(over) / static_cast<double>(*progress.total));
        const auto full = static_cast<unsigned>(share * bar_width);
        text = fmt::format("[{}{}] {:3} %  ", std::string(full, '#'),
                           std::string(bar_width - full, '-'), static_cast<unsigned>(100 * share));
    }
    text += counts(progress);
    if (progress.status != "running")
        text += "  " + progress.status;
    if (!progress.error.empty())
        text += ": " + progress.error;
    else if (!progress.current.empty() && progress.status == "running")
        text += "  " + progress.current;
    return shortened(text, width);
}

std::string progress_line(const ImportProgress& progress) {
    std::string text =
        fmt::format("import {} {}: {}", progress.id, progress.status, counts(progress));
    if (!progress.error.empty())
        text += ": " + progress.error;
    return shortened(text, 1000);
}

ProgressDisplay::ProgressDisplay() : terminal_(::isatty(STDERR_FILENO) == 1) {}

ProgressDisplay::~ProgressDisplay() {
    if (open_)
        std::fputc('\n', stderr);
}

void ProgressDisplay::show(const ImportProgress& progress, bool last) {
    if (terminal_) {
        const std::string text =
            progress_bar(progress, static_cast<unsigned>(terminal_columns(STDERR_FILENO)) - 1);
        if (text != shown_)
            fmt::print(stderr, "\r\x1b[K{}", text);
        std::fflush(stderr);
        shown_ = text;
        open_ = true;
        return;
    }
    const std::string text = progress_line(progress);
    const std::int64_t now = base::unix_seconds();
    if (!last && (now < shown_at_ + line_interval || text == shown_))
        return;
    fmt::print(stderr, "{}\n", text);
    shown_ = text;
    shown_at_ = now;
}

} // namespace runner::cli
