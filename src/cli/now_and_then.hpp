// SPDX-License-Identifier: GPL-2.0-or-later
// When to write a line about long work where no terminal shows a line that changes.
#pragma once

#include <algorithm>
#include <chrono>

namespace runner::cli {

/// Often at first, so that one sees that it works, then once a minute.
class NowAndThen {
public:
    /// Whether it is time for the next line.
    [[nodiscard]] bool due() {
        const auto now = Clock::now();
        if (now < next_)
            return false;
        next_ = now + pause_;
        pause_ = std::min<std::chrono::seconds>(pause_ * 2, std::chrono::seconds(60));
        return true;
    }

private:
    using Clock = std::chrono::steady_clock;
    std::chrono::seconds pause_{2};
    Clock::time_point next_ = Clock::now() + std::chrono::seconds(1);
};

} // namespace runner::cli
