// SPDX-License-Identifier: GPL-2.0-or-later
// Signals as values: blocked in every thread, received by the one that waits for them.
#pragma once

#include <chrono>

namespace runner::app {

/// Blocks SIGTERM, SIGINT, SIGHUP and SIGUSR1 for this thread and those it starts, and ignores
/// SIGPIPE. Construct before starting any thread.
class Signals {
public:
    Signals();
    /// The next signal within `timeout`; 0 when none came.
    [[nodiscard]] int wait(std::chrono::milliseconds timeout) const;
};

/// Raises the soft limit of open files to the hard one; returns the new value.
std::size_t raise_open_files();

} // namespace runner::app
