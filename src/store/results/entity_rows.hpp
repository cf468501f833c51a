// SPDX-License-Identifier: GPL-2.0-or-later
// Shared by the updates by difference: the rows of entities in a table, and which of them are
// removed, new or unchanged. Private to src/store.
#pragma once

#include "store/common/array.hpp"
#include "store/results/result_upsert.hpp"

#include <cstddef>
#include <vector>

namespace runner::store {

[[nodiscard]] inline const EntityKey& key_of(const Candidate& candidate) noexcept {
    return candidate.key;
}

/// Rows of the database, by the entity's place in the list; entities that are new have none, and of
/// those with `same` they are not read.
/// `statement` takes arrays of wikis and entity ids; the first column of its rows is the place. It
/// looks for one after the other: the planner has no statistics of a freshly filled table, and
/// might scan it.
template <typename Row, typename Read>
[[nodiscard]] std::vector<std::vector<Row>>
read_rows(Transaction& transaction, const Statement& statement,
          const std::vector<Candidate*>& entities, bool Candidate::*same, Read read) {
    std::vector<std::vector<Row>> rows(entities.size());
    std::vector<std::size_t> asked;
    TextArray wikis, ids;
    for (std::size_t i = 0; i < entities.size(); ++i) {
        if (entities[i]->is_new || entities[i]->*same)
            continue;
        asked.push_back(i);
        wikis.add(key_of(*entities[i]).wiki);
        ids.add(key_of(*entities[i]).entity.to_string());
    }
    if (asked.empty())
        return rows;
    for (const auto& row : transaction.exec(statement, wikis, ids))
        rows[asked.at(row[0].as<std::size_t>())].push_back(read(row));
    return rows;
}

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
