// SPDX-License-Identifier: GPL-2.0-or-later
// Runs the same work in several threads, including the calling one.
#pragma once

#include <cstddef>
#include <thread>
#include <vector>

namespace runner::base {

/// Returns when all have ended. `work` must not throw.
template <class Work>
void in_threads(std::size_t count, const Work& work) {
    std::vector<std::thread> others;
    for (std::size_t i = 1; i < count; ++i)
        others.emplace_back([&work] { work(); });
    work();
    for (std::thread& thread : others)
        thread.join();
}

} // namespace runner::base
