// SPDX-License-Identifier: GPL-2.0-or-later
// One class of the graph of classes at one revision: what facts/ reads from an entity and store/
// keeps.
#pragma once

#include "entity/entity_id.hpp"

#include <chrono>
#include <cstdint>
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

/// One that is kept.
struct KeptClass {
    ClassNode node;
    std::chrono::milliseconds age{0}; ///< since it was read from the source
};

} // namespace runner::results
