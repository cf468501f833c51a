// SPDX-License-Identifier: GPL-2.0-or-later
// One class of the graph of classes at one revision: what facts/ reads from an entity and store/
// keeps.
#pragma once

#include "entity/entity_id.hpp"

#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

namespace runner::results {

struct ClassNode {
    enum class State : std::uint8_t { found, missing, redirect };

    entity::EntityId id;
    std::uint64_t revision = 0; ///< 0: unknown; of a missing class or redirect the last one known
    State state = State::found;
    /// In the order of the statements, best rank only; of a redirect its target alone.
    std::vector<entity::EntityId> superclasses;

    friend bool operator==(const ClassNode&, const ClassNode&) = default;
};

/// A hash of what a class is and of its superclasses in their order.
class EdgesHash {
public:
    explicit EdgesHash(ClassNode::State state) noexcept { add(static_cast<std::uint64_t>(state)); }
    void add(const entity::EntityId& id) noexcept {
        add(static_cast<std::uint64_t>(id.type));
        add(id.number);
        add(id.sub);
    }
    [[nodiscard]] std::int32_t value() const noexcept {
        return static_cast<std::int32_t>(hash_ ^ (hash_ >> 32U));
    }

private:
    void add(std::uint64_t number) noexcept {
        hash_ = (hash_ ^ number) * 1'099'511'628'211U; // FNV-1a, by numbers
    }
    std::uint64_t hash_ = 14'695'981'039'346'656'037U;
};

[[nodiscard]] inline std::int32_t edges_hash(const ClassNode& node) noexcept {
    EdgesHash hash(node.state);
    for (const entity::EntityId& id : node.superclasses)
        hash.add(id);
    return hash.value();
}

/// The classes that a check passed on its way upwards, those it began with among them, each with
/// the edges_hash() that it had then. Shared by all checks that took the same way.
using WalkedClasses = std::vector<std::pair<entity::EntityId, std::int32_t>>;

/// One that is kept.
struct KeptClass {
    ClassNode node;
    std::chrono::milliseconds age{0}; ///< since it was read from the source
};

} // namespace runner::results
