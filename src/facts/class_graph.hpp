// SPDX-License-Identifier: GPL-2.0-or-later
// The graph of "subclass of" statements: filled from the keeper and the source as classes are met,
// walked without a cap and safe with cycles. A class is valid for a while after it was read from
// the source; then it is read again before its next use. Of two revisions the newer wins.
#pragma once

#include "entity/entity.hpp"
#include "facts/ancestry.hpp"
#include "facts/class_keeper.hpp"
#include "facts/class_table.hpp"
#include "source/source.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace runner::facts {

/// All direct and indirect superclasses of a class, sorted; not the class itself unless it stands
/// in a cycle. Ids are as written in the statements: a redirect is not replaced by its target.
using Superclasses = std::shared_ptr<const std::vector<entity::EntityId>>;

/// In pieces, one per requested class.
using Walked = std::vector<std::shared_ptr<const results::WalkedClasses>>;

/// The entities that the best-ranked statements with `property` link to, in order: what WBQC
/// follows in type checks.
[[nodiscard]] std::vector<entity::EntityId> best_links(const entity::Entity& entity,
                                                       entity::PropertyId property);

/// Thread-safe.
class ClassGraph {
public:
    /// `age`: how long a class is valid when no change is announced. `keeper` may be null.
    ClassGraph(entity::PropertyId subclass_of, std::chrono::milliseconds age,
               std::shared_ptr<ClassKeeper> keeper = nullptr);

    /// The superclasses of each class. Unknown or expired classes are loaded, one batch per level
    /// upwards. Throws source::SourceUnavailable. Empty where the lists would be too long in total
    /// (half a million superclasses, with repetition); then use ancestry(). Appends the classes
    /// passed on the way to `walked`.
    [[nodiscard]] std::vector<Superclasses> superclasses(std::span<const entity::EntityId> classes,
                                                         source::EntitySource& source,
                                                         Walked& walked);

    /// Why some of `classes` or their superclasses can't be read; empty when all can. The
    /// superclasses of such a class are unknown; it is read again after a while.
    [[nodiscard]] std::string problem(std::span<const entity::EntityId> classes) const;

    /// All classes above `classes`, as far as they are known; superclasses() has loaded them.
    [[nodiscard]] std::shared_ptr<const Ancestry>
    ancestry(std::span<const entity::EntityId> classes, Walked& walked) const;

    /// The store has different data on these: they are read again on next use.
    void forget(std::span<const entity::EntityId> classes);

    /// An entity has a new revision (0: unknown). If it is known as a class, its statements are
    /// taken from `entity`, or, when that is null, read again on next use.
    void changed(const entity::EntityId& id, std::uint64_t revision, const entity::Entity* entity);

    /// An entity was deleted, or redirects to another one.
    void gone(const entity::EntityId& id, const std::optional<entity::EntityId>& redirect_target);

    /// Adds stored classes, unless newer data is known.
    void take(std::span<const results::KeptClass> classes);

    /// Whether it was requested, or some class is below it.
    [[nodiscard]] bool contains(const entity::EntityId& id) const;
    [[nodiscard]] entity::PropertyId subclass_of() const noexcept { return subclass_of_; }

    struct Size {
        std::size_t classes = 0;
        std::size_t edges = 0;
        std::size_t bytes = 0; ///< of memory, about, without remembered answers
    };
    [[nodiscard]] Size size() const;

private:
    using Number = ClassTable::Number;
    using Ids = std::vector<entity::EntityId>;
    using Ticks = std::int32_t;

    struct Answer {
        Superclasses superclasses;
        std::shared_ptr<const results::WalkedClasses> walked;
        std::uint64_t version = 0;
        Ticks oldest = 0; ///< when the class in it that was read first was read
    };
    struct Search {
        std::unordered_set<Number> seen;
        std::unordered_set<Number> loaded; ///< for this search: not asked for twice
        std::vector<Number> open;
        Ids unknown;
        Ticks oldest = 0; ///< what was read before is read again
    };

    [[nodiscard]] Ticks now() const noexcept;
    [[nodiscard]] Ticks before(std::chrono::milliseconds age) const noexcept;
    [[nodiscard]] bool valid(const Answer& answer, Ticks oldest) const noexcept;
    void store(const results::ClassNode& node, Ticks read);
    void take_one(const results::KeptClass& kept);
    void outdate(Number number);
    Ids take_kept(const Ids& ids, Ticks oldest);
    void read(const Ids& ids, source::EntitySource& source);
    void take_unreadable(std::span<const source::ReadableLookup> found);
    void load_above(std::span<const entity::EntityId> classes, source::EntitySource& source);
    void climb(Search& search) const;
    const Answer& walk(Number start, Ticks oldest);
    [[nodiscard]] std::int32_t hash_of(Number number) const;
    template <typename Up>
    void for_each_step(Number from, const Up& up) const;

    const entity::PropertyId subclass_of_;
    const std::chrono::milliseconds age_;
    const std::shared_ptr<ClassKeeper> keeper_;
    const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    mutable std::shared_mutex mutex_;
    ClassTable table_;
    std::uint64_t version_ = 1; ///< grows when a known class gets other edges
    std::unordered_map<Number, Answer> answers_;
    std::size_t answers_size_ = 0;                                 ///< ids in all answers
    std::unordered_map<entity::EntityId, std::string> unreadable_; ///< classes, and why
};

} // namespace runner::facts
