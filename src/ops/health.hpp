// SPDX-License-Identifier: GPL-2.0-or-later
// Why the runner is not ready, by part. Parts set their problems here and clear them when resolved;
// /readyz and the status page show it.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace runner::ops {

/// Thread-safe.
class Health {
public:
    using Clock = std::chrono::steady_clock;

    /// Sets the problem of `part`, replacing an earlier one. With a `lifetime` it expires, for
    /// parts that may have no occasion to clear it. True when it is new or its text changed: worth
    /// a line in the log.
    bool problem(const std::string& part, const std::string& text,
                 Clock::duration lifetime = Clock::duration::max());
    /// The same for issues that do not stop the runner.
    bool warning(const std::string& part, const std::string& text,
                 Clock::duration lifetime = Clock::duration::max());
    /// True when there was one.
    bool good(const std::string& part);

    [[nodiscard]] bool has(const std::string& part) const;

    /// "database: it is unavailable", sorted by part; empty: ready.
    [[nodiscard]] std::vector<std::string> problems() const;
    [[nodiscard]] std::vector<std::string> warnings() const;

private:
    struct Problem {
        std::string text;
        Clock::time_point until;
        bool only_warning = false;
    };
    bool note(const std::string& part, const std::string& text, Clock::duration lifetime,
              bool only_warning);
    [[nodiscard]] std::vector<std::string> texts(bool only_warnings) const;

    mutable std::mutex mutex_;
    std::map<std::string, Problem> problems_;
};

} // namespace runner::ops
