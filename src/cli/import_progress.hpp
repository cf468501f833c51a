// SPDX-License-Identifier: GPL-2.0-or-later
// Progress of an import for people: a bar that stays in its line on a terminal, a line now and
// then elsewhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace runner::cli {

/// What a status says of progress.
struct ImportProgress {
    std::uint64_t id = 0;
    std::string status;
    std::optional<std::uint64_t> total;
    bool total_known = false;
    std::uint64_t done = 0, failed = 0;
    double rate = 0;
    std::optional<std::uint64_t> eta_seconds;
    std::string current;
    std::string error; ///< empty: none
};

/// "[#####-----]  50 %  25,000 of 50,000  812/s  0:31 left  Category:A", at most `width` columns.
[[nodiscard]] std::string progress_bar(const ImportProgress& progress, unsigned width);
/// The same in words, without a bar: "import 7 running: 25,000 of 50,000 …".
[[nodiscard]] std::string progress_line(const ImportProgress& progress);

/// 12345678 as "12,345,678"; 3725 seconds as "1:02:05".
[[nodiscard]] std::string with_commas(std::uint64_t number);
[[nodiscard]] std::string clock_time(std::uint64_t seconds);

/// Writes to standard error what changed; keeps to one line on a terminal.
class ProgressDisplay {
public:
    ProgressDisplay();
    /// Ends the line.
    ~ProgressDisplay();
    ProgressDisplay(const ProgressDisplay&) = delete;
    ProgressDisplay& operator=(const ProgressDisplay&) = delete;
    void show(const ImportProgress& progress, bool last);

private:
    bool terminal_;
    bool open_ = false;
    std::string shown_;
    std::int64_t shown_at_ = 0;
};

} // namespace runner::cli
