// SPDX-License-Identifier: GPL-2.0-or-later
// Why the runner is not ready, by part. Whoever meets a problem notes it here and takes it back
// when it is over; /readyz and the status page show it.
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

    /// Notes a problem of `part`, in the place of an earlier one of that part. With a `lifetime`
    /// it ends by itself, for parts that may have no occasion to take it back. True when it is
    /// new or its text is another: worth a line in the log.
    bool problem(const std::string& part, const std::string& text,
                 Clock::duration lifetime = Clock::duration::max());
    /// The same for what does not keep the runner from its work.
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
