// SPDX-License-Identifier: GPL-2.0-or-later
// The engine: checks every constraint of an entity, in WBQC's order and with WBQC's results.
// Gathering does all input; checking is pure and may run in many threads concurrently.
#pragma once

#include "checks/check_times.hpp"
#include "entity/entity.hpp"
#include "facts/class_graph.hpp"
#include "facts/facts.hpp"
#include "results/stored_result.hpp"
#include "source/source.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace runner::config {
struct WikiSettings;
}
namespace runner::facts {
class TitleCache;
}

namespace runner::checks {

class PropertyChecks; // the constraints of one property, parsed and ready to run
struct EntityCheck;   // all results of one run, in entity_check.hpp
struct CommonsTitles;

/// Everything that the checks of one entity need, loaded.
struct Gathered {
    entity::EntityPtr document; ///< holds the entity that is checked
    const entity::Entity* entity = nullptr;
    entity::EntityId asked;     ///< another id only when a redirect to it was asked for
    std::uint64_t revision = 0; ///< of the entity's page
    std::vector<std::shared_ptr<const PropertyChecks>> properties; ///< sorted by property
    facts::Facts facts;                                            ///< of other entities
    std::vector<entity::EntityId> classes; ///< from which its type checks go upwards
    facts::Walked walked;                  ///< what they pass
    bool is_class = false;                 ///< some class is below it, or some entity is one of it
    std::vector<results::IndexedValue> values; ///< its own, for the index of values

    /// Null when the property is not used, or does not exist.
    [[nodiscard]] const PropertyChecks* property(entity::PropertyId id) const noexcept;
};

struct EngineOptions {
    std::int64_t now = 0; ///< seconds since 1970 for "now" in time ranges; 0: the system clock
    std::size_t property_cache_size = 20'000;               ///< properties
    std::size_t entity_cache_bytes = std::size_t{48} << 20; ///< of JSON of other entities
    std::size_t max_result_bytes = std::size_t{64} << 20;   ///< of a stored value, about
    std::chrono::seconds property_cache_age{300}; ///< when no change is heard of, load again
    std::chrono::seconds entity_cache_age{60};
    std::chrono::milliseconds class_age{3'600'000};
    std::shared_ptr<facts::ClassKeeper> class_keeper;    ///< null: classes are kept in memory only
    std::shared_ptr<const CommonsTitles> commons_titles; ///< a list, instead of asking
    std::shared_ptr<facts::TitleCache> titles;           ///< of Commons; null: it is not asked
    std::shared_ptr<facts::ValueIndex> values;           ///< null: distinct values are left to do
    std::shared_ptr<CheckTimes> times; ///< what all checks take is added to it; may be null
    CheckClock clock = coarse_clock;
};

/// Properties that were read.
struct PropertyCounts {
    std::uint64_t read = 0;
    std::uint64_t constrained = 0; ///< those with a constraint
};

/// One wiki's engine: its settings, its unit conversions, and a bounded cache of properties.
/// Thread-safe.
class Engine {
public:
    /// Throws base::ConfigError (an id that is none, an unreadable unit conversion file).
    explicit Engine(const config::WikiSettings& wiki, EngineOptions options = {});
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// Loads what checking the entity `id` of `document` needs, in batches, through the cache.
    /// `revision` is that of the entity's page. Throws source::SourceUnavailable, and
    /// base::DataError when the document does not hold `id`.
    [[nodiscard]] Gathered gather(entity::EntityPtr document, const entity::EntityId& id,
                                  std::uint64_t revision, source::EntitySource& source);

    /// The values of an entity of the document that its index of values holds, for a caller that
    /// keeps that index itself. Throws as gather().
    [[nodiscard]] std::vector<facts::CollectedValue> values_of(const entity::EntityPtr& document,
                                                               const entity::Entity& entity,
                                                               source::EntitySource& source);

    /// A property has changed: drop it (null document), or use its newer document. An older
    /// revision than the known one is ignored.
    void property_changed(entity::PropertyId id, std::uint64_t revision,
                          const entity::EntityPtr& document = nullptr);

    /// An entity has a new revision (0: unknown): its cached data as a property, as a class or as
    /// the target of a link is taken from its document, or (null) dropped.
    void entity_changed(const entity::EntityId& id, std::uint64_t revision,
                        const entity::EntityPtr& document = nullptr);

    /// An entity is missing, or redirects to another one.
    void entity_gone(const entity::EntityId& id,
                     const std::optional<entity::EntityId>& redirect_target);

    /// Cached data of these entities, or of these classes, may be stale: they are read again on
    /// next use.
    void forget(std::span<const entity::EntityId> ids);
    void forget_classes(std::span<const entity::EntityId> classes);

    /// Adds stored classes to the class graph, unless newer data is known.
    void take_classes(std::span<const results::KeptClass> classes);
    [[nodiscard]] const facts::ClassGraph& classes() const noexcept;

    [[nodiscard]] PropertyCounts property_counts() const noexcept;

    /// Checks everything. Pure but for the log of slow checks and EngineOptions::times; what it
    /// returns refers to `gathered`.
    [[nodiscard]] EntityCheck run(const Gathered& gathered) const;

    /// Types of constraints in scope that are not checked natively, which leaves them `todo`; each
    /// with the constraints of that type, by their ids.
    [[nodiscard]] static std::map<std::string, std::vector<std::string>>
    unknown_types(const Gathered& gathered);

    /// Checks and builds the stored result. Pure.
    [[nodiscard]] results::StoredResult check(const Gathered& gathered) const;

    /// Checks everything: a JSON array of the results of every status. Pure.
    [[nodiscard]] std::string all_results(const Gathered& gathered) const;

    /// Appends the line of `constraint-runner check`, without a newline:
    /// `{"entity", "results": […every status…], "dependencies": [sorted], "futureTime"?, "own"?,
    /// "wbqc"}`.
    static void append_line(const EntityCheck& check, std::string& out);

    /// The same line for an entity that does not exist.
    static void missing_to_line(const entity::EntityId& id, std::string& out);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace runner::checks
