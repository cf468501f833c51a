// SPDX-License-Identifier: GPL-2.0-or-later
// Rows of class_edge inside a running transaction. Private to src/store.
#pragma once

#include "results/class_node.hpp"
#include "store/common/session_impl.hpp"

#include <string_view>
#include <vector>

namespace runner::store {

/// Of a node that outlives the call.
struct ClassEdges {
    std::string_view wiki;
    const results::ClassNode* node = nullptr;
};

/// Stores exactly these superclasses of each class, by difference. Each class
/// once, sorted by wiki and class.
void update_class_edges(Transaction& transaction, const std::vector<ClassEdges>& classes);

} // namespace runner::store
