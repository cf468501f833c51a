// SPDX-License-Identifier: GPL-2.0-or-later
// See value_store.hpp. A message names the first ten other entities that have the value, so that
// the results of all who share it change when one of the first eleven comes or goes, and no result
// but its own when another one does.
#include "store/value_store.hpp"

#include "store/array.hpp"
#include "store/follow.hpp"
#include "store/value_upsert.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace runner::store {

namespace {

constexpr std::size_t named = results::max_named_others;
constexpr std::size_t listed = named + 1; // of those who share a value: each but itself
constexpr std::uint32_t changes_at_once = 200;
constexpr std::uint32_t max_sharers = 1'000;

constexpr Statement find_others{"find_others", R"(
SELECT k.n - 1, d.entity
FROM unnest($3::uuid[]) WITH ORDINALITY AS k(key, n)
CROSS JOIN LATERAL (
    SELECT entity FROM constraint_runner.distinct_value
    WHERE wiki = $1 AND key = k.key AND entity <> $2
    ORDER BY entity LIMIT $4) d)"};

constexpr Statement take_value_changes{"take_value_changes", R"(
WITH taken AS MATERIALIZED (
    SELECT wiki, entity, id FROM constraint_runner.value_change
    WHERE wiki = ANY ($1::text[])
    ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)
DELETE FROM constraint_runner.value_change v USING taken t
WHERE v.wiki = t.wiki AND v.entity = t.entity AND v.id = t.id
RETURNING v.wiki, v.entity, v.keys, v.others)"};

constexpr Statement find_sharers{"find_sharers", R"(
SELECT k.n - 1, d.entity
FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS k(wiki, key, n)
CROSS JOIN LATERAL (
    SELECT entity FROM constraint_runner.distinct_value
    WHERE wiki = k.wiki AND key = k.key
    ORDER BY entity LIMIT $3) d)"};

struct Change {
    std::string wiki;
    std::string entity;
    std::string key;
    std::uint8_t others = 0;
    std::vector<std::string> sharers; ///< now, the entity among them if it has the value
};

std::vector<Change> take_changes(Transaction& transaction,
                                 std::span<const FollowedWiki> wikis, std::uint64_t& taken) {
    std::set<std::string_view> checkable;
    for (const FollowedWiki& wiki : wikis)
        if (wiki.has_source)
            checkable.insert(wiki.id);
    std::vector<Change> changes;
    const auto rows = transaction.exec(take_value_changes, names_of(wikis), changes_at_once);
    taken = rows.size();
    for (const auto& row : rows) {
        if (!checkable.contains(row[0].as<std::string>()))
            continue;
        const pqxx::binarystring keys(row[2]);
        const pqxx::binarystring others(row[3]);
        constexpr std::size_t width = std::tuple_size_v<results::ValueKey>;
        for (std::size_t i = 0; i < others.size() && (i + 1) * width <= keys.size(); ++i)
            changes.push_back({row[0].as<std::string>(), row[1].as<std::string>(),
                               keys.str().substr(i * width, width), others[i],
                               {}});
    }
    return changes;
}

void read_sharers(Transaction& transaction, std::span<Change* const> changes,
                  std::uint32_t limit) {
    if (changes.empty())
        return;
    TextArray wikis;
    UuidArray keys;
    for (Change* change : changes) {
        wikis.add(change->wiki);
        keys.add(change->key);
        change->sharers.clear();
    }
    for (const auto& row : transaction.exec(find_sharers, wikis, keys, limit))
        changes[row[0].as<std::size_t>()]->sharers.push_back(row[1].as<std::string>());
}

/// Whether the results of the others change: the entity is, or was, one of those that they name.
bool concerns_others(const Change& change) {
    const auto before = std::lower_bound(change.sharers.begin(), change.sharers.end(),
                                         change.entity) -
                        change.sharers.begin();
    return before < static_cast<std::ptrdiff_t>(listed);
}

} // namespace

std::vector<std::vector<entity::EntityId>>
ValueStore::others(std::string_view wiki, const entity::EntityId& self,
                   std::span<const results::ValueKey> keys, std::uint32_t limit) {
    std::vector<std::vector<entity::EntityId>> found(keys.size());
    if (keys.empty())
        return found;
    UuidArray wanted;
    for (const results::ValueKey& key : keys)
        wanted.add(bytes_of(key));
    session_.impl().run([&](Transaction& transaction) {
        for (auto& entities : found)
            entities.clear(); // of an attempt that failed
        for (const auto& row :
             transaction.exec(find_others, std::string(wiki), self.to_string(), wanted, limit))
            if (const auto id = entity::EntityId::parse(row[1].as<std::string>()))
                found.at(row[0].as<std::size_t>()).push_back(*id);
    });
    for (auto& entities : found)
        std::sort(entities.begin(), entities.end());
    return found;
}

Followed ValueStore::follow_changes(std::span<const FollowedWiki> wikis, std::int16_t priority) {
    Followed followed;
    if (wikis.empty())
        return followed;
    session_.impl().run([&](Transaction& transaction) {
        followed = {};
        auto changes = take_changes(transaction, wikis, followed.changes);
        std::vector<Change*> all;
        for (Change& change : changes)
            all.push_back(&change);
        read_sharers(transaction, all, listed + 1);

        std::set<EntityKey> affected;
        const auto add = [&](const std::string& wiki, const std::string& entity) {
            if (const auto id = entity::EntityId::parse(entity))
                affected.insert({wiki, *id});
        };
        std::vector<Change*> large;
        for (Change* change : all) {
            const auto self = std::binary_search(change->sharers.begin(), change->sharers.end(),
                                                 change->entity);
            const std::size_t others = change->sharers.size() - (self ? 1 : 0);
            if (change->others != value_lost && std::min(others, named) != change->others)
                add(change->wiki, change->entity); // others came or went while it was checked
            if (others > 0 && concerns_others(*change) && change->sharers.size() > listed)
                large.push_back(change);
        }
        read_sharers(transaction, large, max_sharers);
        for (const Change* change : all)
            if (concerns_others(*change))
                for (const std::string& sharer : change->sharers)
                    if (sharer != change->entity)
                        add(change->wiki, sharer);

        queue_again(transaction, affected, priority, followed);
    });
    return followed;
}

} // namespace runner::store
