// SPDX-License-Identifier: GPL-2.0-or-later
// The graph of "subclass of" statements: filled from the source as classes are met, walked without
// a cap, cycles harmless. Numbers instead of ids keep a class and its edges within a few dozen
// bytes.
#pragma once

#include "entity/entity.hpp"
#include "source/source.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <shared_mutex>
#include <span>
#include <unordered_map>
#include <vector>

namespace runner::facts {

/// All direct and indirect superclasses of a class, sorted; not the class itself unless it stands
/// in a cycle. Ids are as written in the statements: a redirect is not replaced by its target.
using Superclasses = std::shared_ptr<const std::vector<entity::EntityId>>;

/// The entities that the best-ranked statements with `property` link to, in order: what WBQC
/// follows in type checks.
[[nodiscard]] std::vector<entity::EntityId> best_links(const entity::Entity& entity,
                                                       entity::PropertyId property);

class ClassGraph {
public:
    /// `age`: how long a class holds when nothing is heard of a change.
    ClassGraph(entity::PropertyId subclass_of, std::chrono::seconds age)
        : subclass_of_(subclass_of), age_(age) {}

    /// The superclasses of each class. Classes that are not known yet are loaded, one batch for
    /// each step upwards. Throws source::SourceUnavailable. Thread-safe.
    [[nodiscard]] std::vector<Superclasses> superclasses(std::span<const entity::EntityId> classes,
                                                         source::EntitySource& source);

    /// An entity has a new revision (0: unknown). If it is known as a class, its statements are
    /// taken from `entity`, or, when that is null, read again when they are next needed.
    void changed(const entity::EntityId& id, std::uint64_t revision, const entity::Entity* entity);

    struct Size {
        std::size_t classes = 0;
        std::size_t edges = 0;
    };
    [[nodiscard]] Size size() const;

private:
    using Clock = std::chrono::steady_clock;
    using Number = std::uint32_t;
    struct Class {
        entity::EntityId id;
        std::uint32_t edges_begin = 0;
        std::uint32_t edges_count = 0;
        std::uint64_t revision = 0;
        Clock::time_point loaded{}; ///< the epoch: not known
    };
    struct Answer {
        Superclasses superclasses;
        std::uint64_t version = 0;
        Clock::time_point made{};
    };
    struct Search {
        std::vector<bool> seen; ///< by number
        std::vector<Number> open;
        std::vector<entity::EntityId> unknown;
        Clock::time_point oldest; ///< what was loaded before is loaded again
    };

    Number number(const entity::EntityId& id);
    void store(const entity::EntityId& id, std::uint64_t revision,
               const std::vector<entity::EntityId>& superclasses);
    void load(const std::vector<entity::EntityId>& ids, source::EntitySource& source);
    void load_above(std::span<const entity::EntityId> classes, source::EntitySource& source);
    void climb(Search& search);
    Superclasses walk(Number start);
    void drop_unused_edges();

    const entity::PropertyId subclass_of_;
    const std::chrono::seconds age_;
    mutable std::shared_mutex mutex_;
    std::unordered_map<entity::EntityId, Number> numbers_;
    std::vector<Class> classes_;  ///< by number
    std::vector<Number> edges_;   ///< of all classes
    std::size_t unused_edges_ = 0;
    std::uint64_t version_ = 1;   ///< grows when a known class gets other edges
    std::unordered_map<Number, Answer> answers_;
    std::size_t answers_size_ = 0; ///< ids in all answers
};

} // namespace runner::facts
