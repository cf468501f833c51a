// SPDX-License-Identifier: GPL-2.0-or-later
// Persists the class graph beyond the process: in the database, if there is one.
#pragma once

#include "results/class_node.hpp"

#include <span>
#include <vector>

namespace runner::facts {

/// Thread-safe. find() and keep() do not throw: on failure nothing is found, and the source is
/// asked.
class ClassKeeper {
public:
    virtual ~ClassKeeper() = default;

    /// Those of `classes` that are kept, in any order.
    [[nodiscard]] virtual std::vector<results::KeptClass>
    find(std::span<const entity::EntityId> classes) = 0;

    /// Stores classes just read from the source, soon. Does not block.
    virtual void keep(std::vector<results::ClassNode> classes) = 0;

    /// Blocks until all earlier calls of keep() are stored. Called before a result is stored, so
    /// that a later change of a class is recognized as one. Throws base::UnavailableError.
    virtual void flush() = 0;
};

} // namespace runner::facts
