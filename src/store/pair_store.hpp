// SPDX-License-Identifier: GPL-2.0-or-later
// Violation pairs, dependencies and events of entities whose new result was just upserted, by
// difference: rows that stay the same are not written. Private to src/store.
#pragma once

#include "store/result_upsert.hpp"

#include <cstdint>
#include <vector>

namespace runner::store {

struct PairChanges {
    std::uint32_t appeared = 0;
    std::uint32_t disappeared = 0;
};

/// One answer for each of `entities` (all `stored`, sorted by key), in their order. Writes the
/// events and notifications too.
[[nodiscard]] std::vector<PairChanges>
update_violations(Transaction& transaction, const std::vector<Candidate*>& entities);

void update_dependencies(Transaction& transaction, const std::vector<Candidate*>& entities);

/// Compares two sorted ranges: calls gone(old), fresh(new) and both(old, new).
template <typename Old, typename New, typename Order, typename Gone, typename Fresh, typename Both>
void for_difference(const Old& old_rows, const New& new_rows, Order order, Gone gone, Fresh fresh,
                    Both both) {
    auto o = old_rows.begin();
    auto n = new_rows.begin();
    while (o != old_rows.end() || n != new_rows.end()) {
        if (n == new_rows.end() || (o != old_rows.end() && order(*o, *n)))
            gone(*o++);
        else if (o == old_rows.end() || order(*n, *o))
            fresh(*n++);
        else
            both(*o++, *n++);
    }
}

} // namespace runner::store
