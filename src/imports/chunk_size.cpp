// SPDX-License-Identifier: GPL-2.0-or-later
// See chunk_size.hpp.
#include "imports/chunk_size.hpp"

#include <algorithm>
#include <cmath>

namespace runner::imports {

namespace {

constexpr std::uint32_t forgiven_after = 20; // good chunks: then the source may have recovered
constexpr double memory_seconds = 10;        // of the rate

} // namespace

ChunkSize::ChunkSize(const Limits& limits, std::uint32_t size) noexcept
    : limits_(limits),
      size_(std::clamp(size == 0 ? limits.first : size, 1U, std::max(limits.most, 1U))) {}

void ChunkSize::took(std::chrono::nanoseconds time) noexcept {
    if (failed_at_ != 0 && ++good_ >= forgiven_after)
        failed_at_ = good_ = 0;
    const std::uint32_t most = std::max(limits_.most, 1U);
    if (time > 2 * limits_.wanted) {
        const double share = std::chrono::duration<double>(limits_.wanted) / time;
        size_ = std::max(1U, static_cast<std::uint32_t>(size_ * share));
    } else if (2 * time < limits_.wanted) {
        const auto is_near = [&](std::uint32_t more) {
            return failed_at_ != 0 && size_ + more >= failed_at_;
        };
        const std::uint32_t more = 10 * time < limits_.wanted && !is_near(size_) ? size_
                                   : is_near(size_ / 2)                          ? size_ / 10
                                                                                 : size_ / 2;
        const std::uint32_t next = size_ + std::max(1U, more);
        size_ = std::min(failed_at_ != 0 ? std::min(most, failed_at_ - 1) : most, next);
    }
}

bool ChunkSize::too_much() noexcept {
    good_ = 0;
    if (size_ <= 1)
        return false;
    failed_at_ = size_;
    size_ /= 2;
    return true;
}

std::chrono::milliseconds Pace::pause(std::uint64_t things,
                                      std::chrono::nanoseconds took) const noexcept {
    if (rate_limit == 0)
        return std::chrono::milliseconds(0);
    const std::chrono::duration<double> due(static_cast<double>(things) / rate_limit);
    return std::max(std::chrono::milliseconds(0),
                    std::chrono::ceil<std::chrono::milliseconds>(due - took));
}

double Pulse::rate(double before, std::uint64_t things, std::chrono::nanoseconds took,
                   std::chrono::steady_clock::time_point now) noexcept {
    const bool first = last_ == std::chrono::steady_clock::time_point{};
    const std::chrono::duration<double> elapsed = first ? took : now - last_;
    last_ = now;
    if (first && before > 0)
        return before; // it goes on after a restart
    const double seconds = std::max(1e-6, elapsed.count());
    const double current = static_cast<double>(things) / seconds;
    if (!(before > 0) || rough_) {
        rough_ = first;
        return current;
    }
    const double kept = std::exp(-seconds / memory_seconds);
    return kept * before + (1 - kept) * current;
}

} // namespace runner::imports
