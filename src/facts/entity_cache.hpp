// SPDX-License-Identifier: GPL-2.0-or-later
// Entities that the checks of other entities look at, kept between checks within bounds.
#pragma once

#include "entity/entity.hpp"
#include "source/source.hpp"

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

namespace runner::facts {

/// Another entity as WBQC's entity lookup gives it: one redirect is followed, a second one means
/// that there is nothing.
struct Target {
    entity::EntityId asked;
    const entity::Entity* entity = nullptr; ///< null: missing; its id differs after a redirect
    entity::EntityPtr document;             ///< holds `entity`
    std::uint64_t revision = 0;             ///< of the page that was found
};

class EntityCache {
public:
    /// `capacity`: bytes of JSON that the kept entities were parsed from; `age`: how long an answer
    /// holds when nothing is heard of a change.
    EntityCache(std::size_t capacity, std::chrono::seconds age)
        : capacity_(capacity), age_(age) {}

    /// One target for each id, in the order asked; what is not here is loaded in batches.
    /// Throws source::SourceUnavailable. Thread-safe.
    [[nodiscard]] std::vector<Target> get(std::span<const entity::EntityId> ids,
                                          source::EntitySource& source);

    /// Forgets what is older than `revision` (0: whatever is known) of the page of an entity.
    void changed(const entity::EntityId& id, std::uint64_t revision);

private:
    using Clock = std::chrono::steady_clock;
    struct Entry {
        source::Lookup lookup;
        Clock::time_point loaded;
        std::list<entity::EntityId>::iterator use;
    };
    static std::size_t size_of(const source::Lookup& lookup) noexcept;
    void forget(const entity::EntityId& page);
    void keep(const entity::EntityId& page, const source::Lookup& lookup);
    std::vector<source::Lookup> pages(std::span<const entity::EntityId> ids,
                                      source::EntitySource& source);

    const std::size_t capacity_;
    const std::chrono::seconds age_;
    std::mutex mutex_;
    std::unordered_map<entity::EntityId, Entry> entries_; ///< by page
    std::list<entity::EntityId> uses_;                    ///< most recent first
    std::size_t bytes_ = 0;                               ///< of all entries
};

} // namespace runner::facts
