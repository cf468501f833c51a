// SPDX-License-Identifier: GPL-2.0-or-later
#include "imports/backoff.hpp"

#include <algorithm>
#include <random>

namespace runner::imports {

using std::chrono::milliseconds;

milliseconds backoff(const config::ImportSettings& settings, std::uint32_t attempts) {
    thread_local std::mt19937_64 generator{std::random_device{}()};
    auto delay = std::max(settings.backoff_base, milliseconds(1));
    for (std::uint32_t i = 1; i < attempts && delay < settings.backoff_max; ++i)
        delay *= 2;
    delay = std::min(delay, std::max(settings.backoff_max, milliseconds(1)));
    const auto half = static_cast<std::uint64_t>(delay.count()) / 2;
    return delay - milliseconds(generator() % (half + 1));
}

} // namespace runner::imports
