// SPDX-License-Identifier: GPL-2.0-or-later
// A bounded cache of entities that the checks of other entities look at.
#pragma once

#include "entity/entity.hpp"
#include "source/source.hpp"

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace runner::facts {

/// Another entity as WBQC's entity lookup gives it: one redirect is followed, a second one counts
/// as missing.
struct Target {
    entity::EntityId asked;
    const entity::Entity* entity = nullptr; ///< null: missing; its id differs after a redirect
    entity::EntityPtr document;             ///< holds `entity`
    std::uint64_t revision = 0;             ///< of the page that was found
    std::string problem;                    ///< why it can't be read; else empty
};

/// Observation::seen of an unreadable entity: never the hash of a readable one.
inline constexpr std::uint64_t seen_unreadable = 1;

/// What a check saw of another entity, directly or through a redirect.
struct Observation {
    entity::EntityId id;
    std::uint64_t revision = 0; ///< of its page; 0: unknown or missing
    /// seen_when_linked(), seen_of_redirect(), 0: missing, or seen_unreadable.
    std::uint64_t seen = 0;
    bool redirect = false; ///< its page redirects
    std::uint64_t by_constraints =
        0; ///< of a property: seen_by_others(); `seen` is seen_when_linked()
};

class EntityCache {
public:
    /// `capacity`: bytes of JSON that the kept entities were parsed from; `age`: how long an answer
    /// is valid when no change is announced; `lexical_category`: see seen_by_others().
    EntityCache(std::size_t capacity, std::chrono::seconds age,
                entity::PropertyId property_constraint, bool lexical_category = false)
        : capacity_(capacity), age_(age), property_constraint_(property_constraint),
          lexical_category_(lexical_category) {}

    /// One target for each id, in the order asked; missing entries are loaded in batches. Appends
    /// all observations, including redirects, to `observed`. Throws source::SourceUnavailable.
    /// Thread-safe.
    [[nodiscard]] std::vector<Target> get(std::span<const entity::EntityId> ids,
                                          source::EntitySource& source,
                                          std::vector<Observation>& observed);

    /// Drops entries older than `revision` (0: all) of the page of an entity.
    void changed(const entity::EntityId& id, std::uint64_t revision);

private:
    using Clock = std::chrono::steady_clock;
    struct Page {
        source::ReadableLookup answer;
        std::uint64_t seen = 0;           ///< of the page's own entity
        std::uint64_t by_constraints = 0; ///< of a property
    };
    struct Entry {
        Page page;
        Clock::time_point loaded;
        std::list<entity::EntityId>::iterator use;
    };
    static std::size_t size_of(const source::ReadableLookup& answer) noexcept;
    void forget(const entity::EntityId& page);
    void keep(const entity::EntityId& id, const Page& page);
    [[nodiscard]] Page page_of(source::ReadableLookup answer) const;
    [[nodiscard]] Observation observe(const entity::EntityId& id, const Page& page) const;
    std::vector<Page> pages(std::span<const entity::EntityId> ids, source::EntitySource& source);

    const std::size_t capacity_;
    const std::chrono::seconds age_;
    const entity::PropertyId property_constraint_;
    const bool lexical_category_;
    std::mutex mutex_;
    std::unordered_map<entity::EntityId, Entry> entries_; ///< by page
    std::list<entity::EntityId> uses_;                    ///< most recent first
    std::size_t bytes_ = 0;                               ///< of all entries
};

} // namespace runner::facts
