// SPDX-License-Identifier: GPL-2.0-or-later
// Backoff and fairness: see policy.hpp.
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

std::vector<store::WikiShare> fair_shares(std::span<const std::string> wikis, std::uint32_t limit,
                                          std::uint64_t turn) {
    std::vector<store::WikiShare> shares;
    if (wikis.empty() || limit == 0)
        return shares;
    const std::size_t count = wikis.size();
    const auto each = static_cast<std::uint32_t>(limit / count);
    const std::size_t rest = limit % count;
    // those that get one more move on by as many as there are, so that each has its turn
    const std::size_t first = rest == 0 ? 0 : (turn % count) * rest % count;
    for (std::size_t i = 0; i < count; ++i) {
        const bool one_more = (i + count - first) % count < rest;
        const std::uint32_t share = each + (one_more ? 1 : 0);
        if (share > 0)
            shares.push_back({wikis[i], share});
    }
    return shares;
}

} // namespace runner::queue
