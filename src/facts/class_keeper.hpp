// SPDX-License-Identifier: GPL-2.0-or-later
// Where the graph of classes outlives the process: the database, for those that have one.
#pragma once

#include "results/class_node.hpp"

#include <span>
#include <vector>

namespace runner::facts {

/// Thread-safe. Nothing throws: who does not answer knows nothing, and then the source is asked.
class ClassKeeper {
public:
    virtual ~ClassKeeper() = default;

    /// Those of `classes` that are kept, in any order.
    [[nodiscard]] virtual std::vector<results::KeptClass> find(
        std::span<const entity::EntityId> classes) = 0;

    /// These were read from the source now: they are to be kept, soon. Does not wait.
    virtual void keep(std::vector<results::ClassNode> classes) = 0;
};

} // namespace runner::facts
