// SPDX-License-Identifier: GPL-2.0-or-later
// The values of entities whose new result was just upserted. Private to src/store.
#pragma once

#include "store/results/result_upsert.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace runner::store {

/// As elements of a UuidArray.
[[nodiscard]] inline std::string_view bytes_of(const results::ValueKey& key) noexcept {
    return {reinterpret_cast<const char*>(key.data()), key.size()};
}

/// `entities` are all `stored` and sorted by key. Values that stay are not written; what an entity
/// gained or lost is left in value_change, for ValueStore::follow_changes().
void update_values(Transaction& transaction, const std::vector<Candidate*>& entities);

} // namespace runner::store
