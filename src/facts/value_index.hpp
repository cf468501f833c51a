// SPDX-License-Identifier: GPL-2.0-or-later
// Who else has a value: the question that a distinct values constraint asks. The answer comes from
// the database, where each stored result leaves the values of its entity.
#pragma once

#include "entity/entity_id.hpp"
#include "results/stored_result.hpp"

#include <span>
#include <vector>

namespace runner::facts {

/// A value of an entity: `has` when other entities find it there, else the entity only looks for
/// others with it.
struct CollectedValue {
    results::ValueKey key{};
    bool has = true;
};

/// The index of one wiki. Thread-safe.
class ValueIndex {
public:
    virtual ~ValueIndex() = default;

    /// For each key the first max_named_others entities but `self` that have the value, sorted by
    /// id. Throws base::UnavailableError.
    [[nodiscard]] virtual std::vector<std::vector<entity::EntityId>>
    others(const entity::EntityId& self, std::span<const results::ValueKey> keys) = 0;
};

} // namespace runner::facts
