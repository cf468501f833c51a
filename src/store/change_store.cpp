// SPDX-License-Identifier: GPL-2.0-or-later
// See change_store.hpp. A change that comes again while its dependents are being queued begins
// anew; those that were checked since have its revision and are passed over.
#include "store/change_store.hpp"

#include "store/array.hpp"
#include "store/follow.hpp"

#include <set>
#include <string>
#include <string_view>

namespace runner::store {

namespace {

constexpr std::uint32_t changes_at_once = 50;
constexpr std::uint32_t dependents_at_once = 5'000; // of one change

constexpr Statement take_changes{"take_changes", R"(
SELECT wiki, entity, revision, after FROM constraint_runner.entity_change
WHERE wiki = ANY ($1::text[])
  AND changed_at <= statement_timestamp() - $2::bigint * interval '1 millisecond'
ORDER BY changed_at LIMIT $3 FOR UPDATE SKIP LOCKED)"};

constexpr Statement find_dependents{"find_dependents", R"(
SELECT entity FROM constraint_runner.dependency
WHERE wiki = $1 AND depends_on = $2 AND revision <> $3 AND entity > $4 AND entity <> $2
ORDER BY entity LIMIT $5)"};

constexpr Statement keep_place{"keep_place", R"(
UPDATE constraint_runner.entity_change SET after = $3 WHERE wiki = $1 AND entity = $2)"};

constexpr Statement drop_changes{"drop_changes", R"(
DELETE FROM constraint_runner.entity_change c
USING unnest($1::text[], $2::text[]) AS k(wiki, entity)
WHERE c.wiki = k.wiki AND c.entity = k.entity)"};

} // namespace

Followed ChangeStore::follow(std::span<const FollowedWiki> wikis, std::int16_t priority,
                             std::chrono::milliseconds settle) {
    Followed followed;
    if (wikis.empty())
        return followed;
    std::set<std::string_view> checkable;
    for (const FollowedWiki& wiki : wikis)
        if (wiki.has_source && wiki.recheck_dependents)
            checkable.insert(wiki.id);
    session_.impl().run([&](Transaction& transaction) {
        followed = {};
        TextArray done_wikis, done_entities;
        std::set<EntityKey> dependents;
        for (const auto& change :
             transaction.exec(take_changes, names_of(wikis), settle.count(), changes_at_once)) {
            ++followed.changes;
            const auto wiki = change[0].as<std::string>();
            const auto changed = change[1].as<std::string>();
            if (checkable.contains(wiki)) {
                const auto rows = transaction.exec(
                    find_dependents, wiki, changed, change[2].as<std::int64_t>(),
                    change[3].as<std::string>(), dependents_at_once);
                for (const auto& row : rows)
                    if (const auto id = entity::EntityId::parse(row[0].as<std::string>()))
                        dependents.insert({wiki, *id});
                if (rows.size() == dependents_at_once) {
                    transaction.exec(keep_place, wiki, changed, rows.back()[0].as<std::string>());
                    break; // one large step for each transaction
                }
            }
            done_wikis.add(wiki);
            done_entities.add(changed);
        }
        if (!done_wikis.empty())
            transaction.exec(drop_changes, done_wikis, done_entities);
        queue_again(transaction, dependents, priority, followed);
    });
    return followed;
}

} // namespace runner::store
