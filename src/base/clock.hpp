// SPDX-License-Identifier: GPL-2.0-or-later
// Two clocks for two purposes: the steady one for every duration and deadline (a jump of the
// system clock must do no harm), the system one for what people and other programs read.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace runner::base {

using SteadyClock = std::chrono::steady_clock;
using SystemTime = std::chrono::system_clock::time_point;

/// Measures from its construction, on the steady clock.
class Stopwatch {
public:
    [[nodiscard]] std::chrono::microseconds elapsed() const noexcept {
        return std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - start_);
    }
    [[nodiscard]] double seconds() const noexcept {
        return std::chrono::duration<double>(SteadyClock::now() - start_).count();
    }

private:
    SteadyClock::time_point start_ = SteadyClock::now();
};

/// A point on the steady clock by which something has to be done.
class Deadline {
public:
    explicit Deadline(SteadyClock::duration after) : at_(SteadyClock::now() + after) {}
    [[nodiscard]] bool passed() const noexcept { return SteadyClock::now() >= at_; }
    /// What is left, never negative.
    [[nodiscard]] std::chrono::milliseconds left() const noexcept {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(at_ - SteadyClock::now());
        return left.count() > 0 ? left : std::chrono::milliseconds{0};
    }
    [[nodiscard]] SteadyClock::time_point at() const noexcept { return at_; }

private:
    SteadyClock::time_point at_;
};

/// Seconds since 1970 on the system clock.
[[nodiscard]] std::int64_t unix_seconds() noexcept;

/// "2026-11-21T18:20:00Z".
[[nodiscard]] std::string iso8601(SystemTime time);
/// "2026-11-21T18:20:00.123Z".
[[nodiscard]] std::string iso8601_milliseconds(SystemTime time);

/// Seconds since 1970 of "2026-11-21T18:20:00Z" (UTC, years 1970 to 9999) or of a plain number
/// of seconds; empty when `text` is neither or no such day exists.
[[nodiscard]] std::optional<std::int64_t> parse_time(std::string_view text) noexcept;

} // namespace runner::base
