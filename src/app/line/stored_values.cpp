// SPDX-License-Identifier: GPL-2.0-or-later
#include "app/line/stored_values.hpp"

#include "store/results/value_store.hpp"

namespace runner::app {

std::vector<std::vector<entity::EntityId>>
StoredValues::others(const entity::EntityId& self, std::span<const results::ValueKey> keys) {
    const auto session = sessions_.borrow();
    return store::ValueStore(*session).others(wiki_, self, keys, results::max_named_others);
}

} // namespace runner::app
