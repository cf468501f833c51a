// SPDX-License-Identifier: GPL-2.0-or-later
// The engine: every constraint of an entity checked, in WBQC's order and with WBQC's results.
// Gathering does all input; checking is pure and may run in many threads at once.
#pragma once

#include "entity/entity.hpp"
#include "results/stored_result.hpp"
#include "source/source.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace runner::config {
struct WikiSettings;
}

namespace runner::checks {

class PropertyChecks; // the constraints of one property, parsed and ready to run

/// Everything that the checks of one entity need, loaded.
struct Gathered {
    entity::EntityPtr document;           ///< holds the entity that is checked
    const entity::Entity* entity = nullptr;
    std::uint64_t revision = 0;           ///< of the entity's page
    std::vector<std::shared_ptr<const PropertyChecks>> properties; ///< sorted by property
};

/// What `check` writes for one entity: the JSON line of the command line, every status.
struct EngineOptions {
    std::int64_t now = 0; ///< seconds since 1970 for "now" in time ranges; 0: the system clock
};

/// One wiki's engine: its settings, its unit conversions, and a bounded cache of properties.
/// Thread-safe.
class Engine {
public:
    explicit Engine(const config::WikiSettings& wiki, EngineOptions options = {});
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// Loads the properties (and later other entities) that checking `entity` of `document`
    /// needs, in batches, through the cache. Throws source::SourceUnavailable.
    [[nodiscard]] Gathered gather(entity::EntityPtr document, const entity::EntityId& id,
                                  std::uint64_t revision, source::EntitySource& source);

    /// A property has changed: forget it (null document), or take its newer document. An older
    /// revision than the cached one is ignored.
    void property_changed(entity::PropertyId id, std::uint64_t revision,
                          const entity::EntityPtr& document = nullptr);

    /// Checks and makes the stored result. Pure.
    [[nodiscard]] results::StoredResult check(const Gathered& gathered) const;

    /// Checks and makes the line of `constraint-runner check`: `{"entity", "results": […every
    /// status…], "dependencies", "futureTime"?}`, appended to `out` without a newline.
    void check_to_line(const Gathered& gathered, std::string& out) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace runner::checks
