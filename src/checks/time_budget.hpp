// SPDX-License-Identifier: GPL-2.0-or-later
// The total time that the checks of one entity may spend in regular expressions: each match is
// bounded by PCRE's limits, but an entity can hold thousands of them.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace runner::checks {

class TimeBudget {
public:
    explicit TimeBudget(std::chrono::nanoseconds total) : left_(total) {}

    /// False when the time is used up; else the time runs until stop().
    [[nodiscard]] bool start() {
        if (left_.count() <= 0)
            return false;
        started_ = std::chrono::steady_clock::now();
        return true;
    }
    [[nodiscard]] std::chrono::nanoseconds left() const noexcept { return left_; }
    void stop() { left_ -= std::chrono::steady_clock::now() - started_; }

    /// Records why a check could not be completed; each reason once.
    void note(std::string reason) {
        for (const auto& known : reasons_)
            if (known == reason)
                return;
        reasons_.push_back(std::move(reason));
    }
    [[nodiscard]] const std::vector<std::string>& reasons() const noexcept { return reasons_; }

private:
    std::chrono::nanoseconds left_;
    std::chrono::steady_clock::time_point started_{};
    std::vector<std::string> reasons_;
};

} // namespace runner::checks
