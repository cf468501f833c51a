// SPDX-License-Identifier: GPL-2.0-or-later
// The queue's decisions as pure functions: how long a failed job waits, and when it is abandoned.
#pragma once

#include "store/jobs/job.hpp"

#include <chrono>
#include <cstdint>

namespace runner::queue {

struct RetryPolicy {
    std::chrono::milliseconds backoff_base{2'000};
    std::chrono::milliseconds backoff_max{600'000};
    std::uint32_t max_attempts = 8;

    /// After the attempt number `attempts` (from 1) failed: doubled from attempt to attempt up to
    /// backoff_max, of which a random part between a half and the whole; dead after max_attempts.
    /// `random` is any 64-bit number.
    [[nodiscard]] store::Retry after(std::uint32_t attempts, std::uint64_t random) const noexcept;
    /// With a random number of its own. Thread-safe.
    [[nodiscard]] store::Retry after(std::uint32_t attempts) const;
};

} // namespace runner::queue
