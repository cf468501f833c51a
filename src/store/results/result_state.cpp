// SPDX-License-Identifier: GPL-2.0-or-later
// See result_state.hpp.
#include "store/results/result_state.hpp"

#include "store/common/array.hpp"
#include "store/common/session_impl.hpp"

namespace runner::store {

namespace {

constexpr Statement read_result_states{"read_result_states", R"(
SELECT k.n - 1, r.revision, to_char(r.checked_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS k(wiki, entity, n)
JOIN constraint_runner.entity_result r
  ON r.wiki = k.wiki AND r.entity = k.entity AND r.tombstone = 0)"};

} // namespace

std::map<EntityKey, ResultState> result_states(Session& session, std::span<const EntityKey> keys) {
    std::map<EntityKey, ResultState> states;
    if (keys.empty())
        return states;
    TextArray wikis, entities;
    for (const EntityKey& key : keys) {
        wikis.add(key.wiki);
        entities.add(key.entity.to_string());
    }
    return session.impl().run([&](Transaction& transaction) {
        std::map<EntityKey, ResultState> found;
        for (const auto& row : transaction.exec(read_result_states, wikis, entities))
            found.emplace(keys[row[0].as<std::size_t>()],
                          ResultState{row[1].as<std::uint64_t>(), row[2].as<std::string>()});
        return found;
    });
}

} // namespace runner::store
