// SPDX-License-Identifier: GPL-2.0-or-later
// The length of the queue, without counting it for every request: counted now and then, less
// often the longer counting takes, plus the jobs accepted since.
#pragma once

#include "base/clock.hpp"
#include "store/job_table.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>

namespace runner::queue {

/// For one thread, but for max() and set_max().
class QueueLength {
public:
    QueueLength(store::JobTable& table, std::uint64_t max) : table_(table), max_(max) {}

    /// Whether `jobs` more fit. Counts if the last count is old, or before it says no. Other
    /// runners' jobs since the last count are not seen: the bound is a guard, not exact.
    /// Throws as JobTable::length.
    [[nodiscard]] bool has_room(std::uint64_t jobs);
    void added(std::uint64_t jobs) noexcept { since_ += jobs; }
    /// Forces a count before the next answer.
    void forget() noexcept { known_ = false; }

    [[nodiscard]] std::uint64_t estimate() const noexcept { return counted_ + since_; }
    /// When there may be room for `jobs`, from how quickly the queue became shorter lately; 1 to
    /// 60 seconds.
    [[nodiscard]] std::chrono::seconds retry_after(std::uint64_t jobs) const noexcept;

    [[nodiscard]] std::uint64_t max() const noexcept { return max_; }
    void set_max(std::uint64_t max) noexcept { max_ = max; }

private:
    void count();

    store::JobTable& table_;
    std::atomic<std::uint64_t> max_;
    bool known_ = false;
    std::uint64_t counted_ = 0;
    std::uint64_t since_ = 0;       ///< accepted since
    double drained_per_second_ = 0; ///< between the last two counts
    base::SteadyClock::time_point counted_at_{};
    base::SteadyClock::duration took_{};
};

} // namespace runner::queue
