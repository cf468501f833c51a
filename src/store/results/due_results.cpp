// SPDX-License-Identifier: GPL-2.0-or-later
// See due_results.hpp.
#include "store/results/due_results.hpp"

#include "store/results/follow.hpp"

#include <set>
#include <string>
#include <vector>

namespace runner::store {

namespace {

// a row that is being stored is passed over: it is due or not when that is over
constexpr Statement take_due_results{"take_due_results", R"(
UPDATE constraint_runner.entity_result r SET changes_at = NULL
FROM (SELECT wiki, entity FROM constraint_runner.entity_result
      WHERE changes_at <= statement_timestamp() AND wiki = ANY($1)
      ORDER BY changes_at LIMIT 500 FOR UPDATE SKIP LOCKED) AS due
WHERE r.wiki = due.wiki AND r.entity = due.entity
RETURNING r.wiki, r.entity)"};

} // namespace

Followed queue_due_results(Session& session, std::span<const FollowedWiki> wikis,
                           std::int16_t priority) {
    std::vector<FollowedWiki> with_source;
    for (const FollowedWiki& wiki : wikis)
        if (wiki.has_source) // without one nothing can be checked again
            with_source.push_back(wiki);
    Followed followed;
    if (with_source.empty())
        return followed;
    return session.impl().run([&](Transaction& transaction) {
        Followed done;
        std::set<EntityKey> entities;
        for (const auto& row : transaction.exec(take_due_results, names_of(with_source)))
            if (const auto entity = entity::EntityId::parse(row[1].as<std::string>()))
                entities.insert({row[0].as<std::string>(), entity->page()});
        done.changes = entities.size();
        if (!entities.empty())
            queue_again(transaction, entities, {priority, JobReason::time}, done);
        return done;
    });
}

} // namespace runner::store
