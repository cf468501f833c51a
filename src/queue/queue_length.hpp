// SPDX-License-Identifier: GPL-2.0-or-later
// The length of the queue, without counting it for every request: counted now and then, less
// often the longer counting takes, plus the jobs accepted since.
#pragma once

#include "base/clock.hpp"
#include "store/jobs/job_table.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace runner::queue {

/// Jobs by wiki.
using WikiJobs = std::map<std::string, std::uint64_t>;

/// For one thread, but for max() and set_max().
class QueueLength {
public:
    /// `wikis` share the queue: when it is full of one wiki's jobs, each other may still have its
    /// share, so that a wiki that does not answer stops no other. It may thus become twice as long
    /// as `max`. 0: there are no shares.
    QueueLength(store::JobTable& table, std::uint64_t max, std::size_t wikis = 0)
        : table_(table), max_(max), wikis_(wikis) {}

    /// Whether `jobs` more fit. Counts if the last count is old, or before it says no. Other
    /// runners' jobs since the last count are not seen: the bound is a guard, not exact.
    /// Throws as JobTable::length.
    [[nodiscard]] bool has_room(std::uint64_t jobs);
    /// As above, or whether each of these wikis is within its share.
    [[nodiscard]] bool has_room(const WikiJobs& jobs);
    void added(const std::string& wiki);
    /// Forces a count before the next answer.
    void forget() noexcept {
        known_ = false;
        by_wiki_.clear();
    }

    [[nodiscard]] std::uint64_t estimate() const noexcept { return counted_ + since_; }
    /// When there may be room for `jobs`, from how quickly the queue became shorter lately; 1 to
    /// 60 seconds.
    [[nodiscard]] std::chrono::seconds retry_after(std::uint64_t jobs) const noexcept;

    [[nodiscard]] std::uint64_t max() const noexcept { return max_; }
    void set_max(std::uint64_t max) noexcept { max_ = max; }

private:
    struct OfWiki {
        std::uint64_t counted = 0;
        base::SteadyClock::time_point counted_at{};
        base::SteadyClock::duration took{};
    };
    void count();
    [[nodiscard]] std::uint64_t length_of(const std::string& wiki, std::uint64_t share);

    store::JobTable& table_;
    std::atomic<std::uint64_t> max_;
    std::size_t wikis_;
    std::map<std::string, OfWiki> by_wiki_; ///< counted while the queue was full
    bool known_ = false;
    std::uint64_t counted_ = 0;
    std::uint64_t since_ = 0;       ///< accepted since
    double drained_per_second_ = 0; ///< between the last two counts
    base::SteadyClock::time_point counted_at_{};
    base::SteadyClock::duration took_{};
};

} // namespace runner::queue
