// SPDX-License-Identifier: GPL-2.0-or-later
// A file descriptor that is closed with its scope, unless it is given away.
#pragma once

#include <unistd.h>
#include <utility>

namespace runner::base {

/// Of a call that failed (negative) nothing is closed.
struct Fd {
    explicit Fd(int f) noexcept : fd(f) {}
    ~Fd() {
        if (fd >= 0)
            ::close(fd);
    }
    Fd(const Fd&) = delete;
    Fd& operator=(const Fd&) = delete;
    [[nodiscard]] int release() noexcept { return std::exchange(fd, -1); }

    int fd;
};

} // namespace runner::base
