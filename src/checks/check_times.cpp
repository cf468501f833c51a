// SPDX-License-Identifier: GPL-2.0-or-later
// See check_times.hpp.
#include "checks/check_times.hpp"

#include "base/log_fields.hpp"
#include "checks/entity_check.hpp"
#include "checks/registry.hpp"

#include <spdlog/spdlog.h>

#include <ctime>

namespace runner::checks {

std::chrono::nanoseconds coarse_clock() {
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

void log_slow(const EntityCheck& check) {
    for (const SlowCheck& slow : check.slow) {
        const PreparedConstraint& constraint = *slow.constraint;
        const std::string property = constraint.constraint.property.to_string();
        const double seconds = std::chrono::duration<double>(slow.took).count();
        const base::LogFields fields{{"check", constraint.row->name},
                                     {"property", property},
                                     {"constraint", constraint.constraint.id},
                                     {"duration", seconds}};
        spdlog::log(slow.took >= very_slow_check ? spdlog::level::warn : spdlog::level::info,
                    "the check {} of {} took {:.1f} s on {} (constraint {})", constraint.row->name,
                    property, seconds, check.asked.to_string(), constraint.constraint.id);
    }
}

void CheckTimes::add(const EntityCheck& check) noexcept {
    for (std::size_t i = 0; i < check.times.size(); ++i) {
        if (check.times[i].checks == 0)
            continue;
        sums_[i].checks.fetch_add(check.times[i].checks, std::memory_order_relaxed);
        sums_[i].nanoseconds.fetch_add(check.times[i].took.count(), std::memory_order_relaxed);
    }
}

std::vector<CheckTimes::Type> CheckTimes::types() const {
    std::vector<Type> types;
    const auto rows = all_checks();
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (const std::uint64_t checks = sums_[i].checks; checks != 0)
            types.push_back(
                {rows[i]->name, {checks, std::chrono::nanoseconds(sums_[i].nanoseconds)}});
    return types;
}

} // namespace runner::checks
