// SPDX-License-Identifier: GPL-2.0-or-later
// The message for a user who ends a long-running command with Ctrl-C.
#pragma once

#include <string>

namespace runner::cli {

/// While it lives SIGINT and SIGTERM write `message` and a line feed to standard error, on a line
/// of its own, and end the process as they would without. One at a time.
class OnInterrupt {
public:
    explicit OnInterrupt(const std::string& message);
    ~OnInterrupt();
    /// Another message from now on.
    void say(const std::string& message);
    OnInterrupt(const OnInterrupt&) = delete;
    OnInterrupt& operator=(const OnInterrupt&) = delete;
};

} // namespace runner::cli
