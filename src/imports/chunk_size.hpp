// SPDX-License-Identifier: GPL-2.0-or-later
// How many things the next chunk has: as many as the source bears. Pure.
#pragma once

#include <chrono>
#include <cstdint>

namespace runner::imports {

class ChunkSize {
public:
    struct Limits {
        std::uint32_t first = 500;
        std::uint32_t most = 5'000;
        std::chrono::milliseconds wanted{1'000}; ///< what a chunk should take at most
    };

    /// `size` as it was saved; 0: the first.
    explicit ChunkSize(const Limits& limits, std::uint32_t size = 0) noexcept;

    [[nodiscard]] std::uint32_t size() const noexcept { return size_; }

    /// A chunk of this size took so long: it grows by half while that is less than half of what
    /// is wanted, doubles while it is less than a tenth, and shrinks in proportion when it is more
    /// than twice that. Near to what was too much it grows with care, by a tenth, and not up to
    /// that before many chunks were good.
    void took(std::chrono::nanoseconds time) noexcept;
    /// The source did not bear it: half of it. False when it was 1 already.
    bool too_much() noexcept;

private:
    Limits limits_;
    std::uint32_t size_;
    std::uint32_t failed_at_ = 0; ///< the smallest size that was too much; 0: none was
    std::uint32_t good_ = 0;      ///< chunks in a row since then
};

/// What rate limits and fresh edits ask for between two chunks. Pure.
struct Pace {
    std::uint32_t rate_limit = 0; ///< things per second; 0: none

    /// How long to wait after `things` that took so long.
    [[nodiscard]] std::chrono::milliseconds pause(std::uint64_t things,
                                                  std::chrono::nanoseconds took) const noexcept;
};

/// Things per second, smoothed over some ten seconds, by the time from the end of one chunk to that
/// of the next: with saving, waiting and pauses. Pure.
class Pulse {
public:
    /// The rate after a chunk that ends `now` and was made in `took`. `before`: the rate so far,
    /// 0 when there is none.
    [[nodiscard]] double rate(double before, std::uint64_t things, std::chrono::nanoseconds took,
                              std::chrono::steady_clock::time_point now) noexcept;

private:
    std::chrono::steady_clock::time_point last_{};
    bool rough_ = false; ///< of the first chunk nobody knows yet how long saving takes
};

} // namespace runner::imports
