// SPDX-License-Identifier: GPL-2.0-or-later
// Where the graph of classes outlives the process: the database, for those that have one.
#pragma once

#include "results/class_node.hpp"

#include <span>
#include <vector>

namespace runner::facts {

/// Thread-safe. find() and keep() throw nothing: then nothing is known, and the source is asked.
class ClassKeeper {
public:
    virtual ~ClassKeeper() = default;

    /// Those of `classes` that are kept, in any order.
    [[nodiscard]] virtual std::vector<results::KeptClass> find(
        std::span<const entity::EntityId> classes) = 0;

    /// These were read from the source now: they are to be kept, soon. Does not wait.
    virtual void keep(std::vector<results::ClassNode> classes) = 0;

    /// Waits until all that was given to keep() before is kept. Before a result is stored, so that a
    /// later change of a class is known to be one. Throws base::UnavailableError.
    virtual void flush() = 0;
};

} // namespace runner::facts
