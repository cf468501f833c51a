// SPDX-License-Identifier: GPL-2.0-or-later
// How long checks take: by type, for the metrics, and slow ones individually, for the log.
// Gathering is not included.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace runner::checks {

struct PreparedConstraint;
struct EntityCheck;

inline constexpr std::size_t most_check_types = 64;

/// A cheap clock with a precision of a few milliseconds.
using CheckClock = std::chrono::nanoseconds (*)();
[[nodiscard]] std::chrono::nanoseconds coarse_clock();

/// Checks of one type.
struct CheckTime {
    std::uint64_t checks = 0;
    std::chrono::nanoseconds took{0}; ///< all of them together
};

/// One that took at least `slow_check`.
struct SlowCheck {
    const PreparedConstraint* constraint = nullptr;
    std::chrono::nanoseconds took{0};
};

/// WBQC's defaults: slower checks are logged, at level info and as a warning.
inline constexpr std::chrono::seconds slow_check{1};
inline constexpr std::chrono::seconds very_slow_check{10};

/// Writes the slow checks of a run to the log.
void log_slow(const EntityCheck& check);

/// Sums of all runs since the start. Thread-safe.
class CheckTimes {
public:
    struct Type {
        std::string_view name;
        CheckTime time;
    };
    void add(const EntityCheck& check) noexcept;
    /// Of each type that ran at all, sorted by name.
    [[nodiscard]] std::vector<Type> types() const;

private:
    struct Sum {
        std::atomic<std::uint64_t> checks{0};
        std::atomic<std::int64_t> nanoseconds{0};
    };
    std::array<Sum, most_check_types> sums_;
};

} // namespace runner::checks
