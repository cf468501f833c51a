// SPDX-License-Identifier: GPL-2.0-or-later
// Millions of classes and their edges in memory: 32 bytes a class, 4 an edge, and 6 to 12 for
// finding a class by its id. Classes are numbered in order of arrival and never removed. Not
// thread-safe.
#pragma once

#include "entity/id_code.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

namespace runner::facts {

class ClassTable {
public:
    using Number = std::uint32_t;
    enum class State : std::uint8_t { unknown, found, missing, redirect };

    struct Class {
        std::int64_t code = 0;      ///< of the id, see entity/id_code.hpp
        std::uint64_t revision = 0; ///< the newest announced
        std::uint32_t edges_begin = 0;
        std::uint32_t edges_count = 0;
        std::int32_t read = 0; ///< when, in ticks of the graph
        State state = State::unknown;
        bool outdated = false; ///< the edges are older than `revision`

        [[nodiscard]] entity::EntityId id() const noexcept { return entity::id_of(code); }
    };

    [[nodiscard]] std::optional<Number> find(const entity::EntityId& id) const noexcept;
    /// The number of `id`; adds it as an unknown class if necessary.
    Number number(const entity::EntityId& id);

    [[nodiscard]] Class& operator[](Number number) noexcept { return classes_[number]; }
    [[nodiscard]] const Class& operator[](Number number) const noexcept { return classes_[number]; }
    [[nodiscard]] std::span<const Number> edges(const Class& of) const noexcept {
        return {edges_.data() + of.edges_begin, of.edges_count};
    }
    /// False when they are unchanged.
    bool set_edges(Number number, std::span<const entity::EntityId> superclasses);

    [[nodiscard]] std::size_t size() const noexcept { return classes_.size(); }
    [[nodiscard]] std::size_t edge_count() const noexcept { return edges_.size() - unused_; }
    /// Of memory, about.
    [[nodiscard]] std::size_t bytes() const noexcept;

private:
    [[nodiscard]] std::size_t slot(std::int64_t code) const noexcept;
    void grow_slots();
    void drop_unused_edges();

    std::deque<Class> classes_; ///< by number; grows without copying
    std::vector<Number> edges_; ///< of all classes
    std::vector<Number> slots_; ///< a hash table of numbers, a power of two long
    std::vector<Number> scratch_;
    std::size_t unused_ = 0; ///< unused edges
};

} // namespace runner::facts
