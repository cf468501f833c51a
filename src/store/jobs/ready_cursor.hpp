// SPDX-License-Identifier: GPL-2.0-or-later
// Positions in the indexes of ready and of due jobs before which nothing is left to lease. While a
// session holds a snapshot (a dump, a long report) the entries of jobs that are over stay in the
// index, and reading from its beginning costs more with every job. Private to src/store.
#pragma once

#include "store/common/session_impl.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace runner::store {

/// For the jobs that one JobTable leases. Not thread-safe.
class ReadyCursor {
public:
    static constexpr std::int64_t beginning = 0;

    /// A part of a wiki's ready jobs: those of these priorities that became ready at `from` (in
    /// microseconds since 1970, on the database's clock) or later.
    struct Range {
        std::int16_t highest = 0;
        std::int16_t lowest = 0;
        std::int64_t from = beginning;
    };
    /// Ranges that hold all ready jobs of the wiki with `lowest` or a higher priority, in the order
    /// of leasing.
    [[nodiscard]] std::vector<Range> ranges(const std::string& wiki, std::int16_t lowest) const;
    /// Jobs of that priority occur.
    void note(const std::string& wiki, std::int16_t priority);
    /// Where due jobs begin.
    [[nodiscard]] std::int64_t due() const noexcept { return due_; }

    /// Moves to the first remaining job.
    void move_on(Transaction& transaction);

private:
    using Clock = std::chrono::steady_clock;
    std::map<std::string, std::map<std::int16_t, std::int64_t, std::greater<>>> ready_;
    std::int64_t due_ = beginning;
    std::int64_t last_horizon_ = beginning;
    Clock::time_point began_ = Clock::now();
};

} // namespace runner::store
