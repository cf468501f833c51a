// SPDX-License-Identifier: GPL-2.0-or-later
// See locked_rows.hpp. A row that is there, but that SKIP LOCKED leaves out, is locked.
#include "store/jobs/locked_rows.hpp"

#include "store/common/array.hpp"
#include "store/common/session_impl.hpp"

namespace runner::store {

namespace {

#define RUNNER_LOCKED_IN(table)                                                                    \
    "(SELECT count(*) FROM constraint_runner." table                                               \
    " t WHERE t.wiki = k.wiki AND t.entity = k.entity) <> "                                        \
    "(SELECT count(*) FROM (SELECT FROM constraint_runner." table                                  \
    " t WHERE t.wiki = k.wiki AND t.entity = k.entity FOR UPDATE SKIP LOCKED) AS free)"

constexpr Statement find_locked{
    "find_locked",
    "SELECT k.n - 1 FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS k(wiki, entity, n) "
    "WHERE " RUNNER_LOCKED_IN("entity_result") " OR " RUNNER_LOCKED_IN(
        "job") " OR " RUNNER_LOCKED_IN("violation") " OR " RUNNER_LOCKED_IN("dependency")};

#undef RUNNER_LOCKED_IN

} // namespace

std::vector<std::size_t> locked_entities(Session& session, std::span<const EntityKey> keys) {
    std::vector<std::size_t> locked;
    if (keys.empty())
        return locked;
    TextArray wikis, entities;
    for (const EntityKey& key : keys) {
        wikis.add(key.wiki);
        entities.add(key.entity.to_string());
    }
    session.impl().run([&](Transaction& transaction) {
        locked.clear();
        for (const auto& row : transaction.exec(find_locked, wikis, entities))
            locked.push_back(row[0].as<std::size_t>());
    });
    return locked;
}

} // namespace runner::store
