// SPDX-License-Identifier: GPL-2.0-or-later
// Hashes of the rows that a result has beside its own. Most checks of an edited entity find what
// the check before found: where the hashes are those of the row of entity_result, its other rows
// are neither read nor written. Private to src/store.
#pragma once

#include "entity/entity_id.hpp"
#include "results/stored_result.hpp"

#include <cstdint>

namespace runner::store {

/// 64 bits each, of the rows as they are to be; their order counts.
struct RowDigests {
    std::int64_t pairs = 0; ///< of `violation`
    /// Of `dependency` (of the row with the entity itself only that it is there: each revision is
    /// another one), `violation_class`, `checked_class` and `distinct_value`.
    std::int64_t links = 0;
};

/// Of a result of `entity` that is not deleted.
[[nodiscard]] RowDigests digests_of(const results::StoredResult& result,
                                    const entity::EntityId& entity);

} // namespace runner::store
