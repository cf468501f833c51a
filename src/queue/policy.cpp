// SPDX-License-Identifier: GPL-2.0-or-later
// Backoff: see policy.hpp.
#include "queue/policy.hpp"

#include <algorithm>
#include <random>

namespace runner::queue {

store::Retry RetryPolicy::after(std::uint32_t attempts, std::uint64_t random) const noexcept {
    store::Retry retry;
    retry.dead = attempts >= max_attempts;
    auto delay = std::max(backoff_base, std::chrono::milliseconds(1));
    for (std::uint32_t i = 1; i < attempts && delay < backoff_max; ++i)
        delay *= 2;
    delay = std::max(std::min(delay, backoff_max), std::chrono::milliseconds(1));
    const auto half = static_cast<std::uint64_t>(delay.count()) / 2;
    retry.delay = delay - std::chrono::milliseconds(random % (half + 1));
    return retry;
}

store::Retry RetryPolicy::after(std::uint32_t attempts) const {
    thread_local std::mt19937_64 generator{std::random_device{}()};
    return after(attempts, generator());
}

} // namespace runner::queue
