// SPDX-License-Identifier: GPL-2.0-or-later
// A bounded cache of properties with their constraints: refreshed after a time, and invalidated
// by changes.
#pragma once

#include "checks/engine.hpp"
#include "checks/property_checks.hpp"
#include "source/source.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

namespace runner::checks {

class PropertyCache {
public:
    PropertyCache(const CheckSettings& settings, std::size_t capacity, std::chrono::seconds age)
        : settings_(settings), capacity_(capacity == 0 ? 1 : capacity), age_(age) {}

    /// The properties in the order asked; missing ones are loaded in one batch. One
    /// that can't be read has a problem() instead of constraints, until it is loaded again.
    /// Throws source::SourceUnavailable.
    [[nodiscard]] std::vector<std::shared_ptr<const PropertyChecks>>
    get(std::span<const entity::PropertyId> ids, source::EntitySource& source);

    [[nodiscard]] PropertyCounts counts() const noexcept { return {read_, constrained_}; }

    /// See Engine::property_changed.
    void changed(entity::PropertyId id, std::uint64_t revision, const entity::EntityPtr& document);

private:
    using Clock = std::chrono::steady_clock;
    struct Entry {
        std::shared_ptr<const PropertyChecks> checks; ///< null: known to have changed
        std::uint64_t newest = 0;                     ///< the newest revision heard of
        Clock::time_point loaded;
        std::list<entity::PropertyId>::iterator use;
    };
    static bool is_to_read_again(const Entry& entry);
    Entry& entry(entity::PropertyId id); ///< makes it the most recently used; evicts
    void insert(std::shared_ptr<const PropertyChecks> checks);

    void count(const PropertyChecks& checks) noexcept;

    const CheckSettings& settings_;
    std::atomic<std::uint64_t> read_{0};
    std::atomic<std::uint64_t> constrained_{0};
    const std::size_t capacity_;
    const std::chrono::seconds age_;
    std::mutex mutex_;
    std::unordered_map<entity::PropertyId, Entry> entries_;
    std::list<entity::PropertyId> uses_; ///< most recent first
};

} // namespace runner::checks
