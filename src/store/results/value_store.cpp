// SPDX-License-Identifier: GPL-2.0-or-later
// See value_store.hpp. A message names the first ten other entities that have the value, so that
// the results of all entities that share it change when one of the first eleven comes or goes, and
// no result but its own when another one does.
#include "store/results/value_store.hpp"

#include "store/common/array.hpp"
#include "store/results/follow.hpp"
#include "store/results/value_upsert.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace runner::store {

namespace {

using results::IndexedValue;

constexpr std::size_t named = results::max_named_others;
constexpr std::size_t listed = named + 1; // entities that share a value, except itself
constexpr std::uint32_t changes_at_once = 200;
constexpr std::uint32_t sharers_at_once = 1'000; // of one value

constexpr Statement find_others{"find_others", R"(
SELECT k.n - 1, d.entity
FROM unnest($3::uuid[]) WITH ORDINALITY AS k(key, n)
CROSS JOIN LATERAL (
    SELECT entity FROM constraint_runner.distinct_value
    WHERE wiki = $1 AND key = k.key AND entity <> $2
    ORDER BY entity LIMIT $4) d)"};

constexpr Statement take_value_changes{"take_value_changes", R"(
SELECT wiki, entity, id, keys, others, after FROM constraint_runner.value_change
WHERE wiki = ANY ($1::text[])
ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)"};

constexpr Statement drop_value_changes{"drop_value_changes", R"(
DELETE FROM constraint_runner.value_change v
USING unnest($1::text[], $2::text[], $3::bigint[]) AS k(wiki, entity, id)
WHERE v.wiki = k.wiki AND v.entity = k.entity AND v.id = k.id)"};

constexpr Statement keep_value_place{"keep_value_place", R"(
UPDATE constraint_runner.value_change SET after = $4
WHERE wiki = $1 AND entity = $2 AND id = $3)"};

constexpr Statement find_sharers{"find_sharers", R"(
SELECT k.n - 1, d.entity
FROM unnest($1::text[], $2::uuid[], $3::text[]) WITH ORDINALITY AS k(wiki, key, after, n)
CROSS JOIN LATERAL (
    SELECT entity FROM constraint_runner.distinct_value
    WHERE wiki = k.wiki AND key = k.key AND entity > k.after
    ORDER BY entity LIMIT $4) d)"};

/// What an entity gained or lost in one transaction: a row of value_change.
struct Changed {
    std::string wiki;
    std::string entity;
    std::int64_t id = 0;
    std::string after; ///< entities up to this one are queued
};

/// One value of it.
struct Change {
    const Changed* row = nullptr;
    std::string key;
    std::uint64_t others = 0;
    std::vector<std::string> sharers; ///< now, the entity among them if it has the value

    [[nodiscard]] bool names_others() const noexcept {
        return others != IndexedValue::lost && others != IndexedValue::not_asked;
    }
    /// The entity only looks for the value, which is under the other key.
    [[nodiscard]] bool only_asks() const noexcept {
        return names_others() && (others & IndexedValue::only_asks) != 0;
    }
};

/// The key of entities that look for a value of this key but do not have it, and the inverse.
std::string other_side(std::string key) {
    for (char& byte : key)
        byte = static_cast<char>(~byte);
    return key;
}

std::uint64_t read_hash(std::string_view bytes) {
    std::uint64_t hash = 0;
    for (const char c : bytes)
        hash = hash << 8 | static_cast<unsigned char>(c);
    return hash;
}

std::vector<Changed> take_changes(Transaction& transaction, std::span<const FollowedWiki> wikis,
                                  std::vector<Change>& changes) {
    std::set<std::string_view> checkable;
    for (const FollowedWiki& wiki : wikis)
        if (wiki.has_source)
            checkable.insert(wiki.id);
    const auto rows = transaction.exec(take_value_changes, names_of(wikis), changes_at_once);
    std::vector<Changed> taken;
    taken.reserve(rows.size());
    for (const auto& row : rows) {
        taken.push_back({row[0].as<std::string>(), row[1].as<std::string>(),
                         row[2].as<std::int64_t>(), row[5].as<std::string>()});
        if (!checkable.contains(taken.back().wiki))
            continue;
        const std::string keys = read_bytes(row[3]);
        const std::string others = read_bytes(row[4]);
        constexpr std::size_t width = std::tuple_size_v<results::ValueKey>;
        constexpr std::size_t hash = sizeof(std::uint64_t);
        for (std::size_t i = 0; (i + 1) * width <= keys.size() && (i + 1) * hash <= others.size();
             ++i)
            changes.push_back({&taken.back(),
                               keys.substr(i * width, width),
                               read_hash(std::string_view(others).substr(i * hash, hash)),
                               {}});
    }
    return taken;
}

/// The first entities that have the values.
void read_first(Transaction& transaction, std::vector<Change>& changes) {
    if (changes.empty())
        return;
    TextArray wikis, places;
    UuidArray keys;
    for (const Change& change : changes) {
        wikis.add(change.row->wiki);
        keys.add(change.only_asks() ? other_side(change.key) : change.key);
        places.add("");
    }
    for (const auto& row : transaction.exec(find_sharers, wikis, keys, places, listed + 1))
        changes[row[0].as<std::size_t>()].sharers.push_back(row[1].as<std::string>());
}

/// The next entities that have or look for the values, after those that are queued already;
/// and up to where those of a change go that has more. (What was lost may have been a question:
/// then the entities that have the value are checked for nothing.)
std::map<const Changed*, std::string> read_next(Transaction& transaction,
                                                const std::vector<const Change*>& changes,
                                                std::set<EntityKey>& affected) {
    std::map<const Changed*, std::string> places;
    if (changes.empty())
        return places;
    TextArray wikis, after;
    UuidArray keys;
    for (const Change* change : changes)
        for (const std::string& key : {change->key, other_side(change->key)}) {
            wikis.add(change->row->wiki);
            keys.add(key);
            after.add(change->row->after);
        }
    std::vector<std::uint32_t> counts(2 * changes.size());
    std::vector<std::string> last(2 * changes.size());
    for (const auto& row : transaction.exec(find_sharers, wikis, keys, after, sharers_at_once)) {
        const auto n = row[0].as<std::size_t>();
        const Changed& change = *changes[n / 2]->row;
        ++counts[n];
        last[n] = row[1].as<std::string>();
        if (const auto id = entity::EntityId::parse(last[n]); id && last[n] != change.entity)
            affected.insert({change.wiki, *id});
    }
    for (std::size_t n = 0; n < counts.size(); ++n) {
        if (counts[n] < sharers_at_once)
            continue;
        std::string& place = places[changes[n / 2]->row];
        if (place.empty() || last[n] < place)
            place = last[n];
    }
    return places;
}

/// Whether the results of the others change: the entity is, or was, one of those that they name.
bool concerns_others(const Change& change) {
    if (change.only_asks())
        return false;
    const auto before =
        std::lower_bound(change.sharers.begin(), change.sharers.end(), change.row->entity) -
        change.sharers.begin();
    return before < static_cast<std::ptrdiff_t>(listed);
}

/// Of the others that it would name now.
std::uint64_t hash_of_others(const Change& change) {
    results::EntitySetHash hash;
    std::size_t count = 0;
    for (const std::string& sharer : change.sharers)
        if (sharer != change.row->entity && count++ < named)
            hash.add(sharer);
    return change.only_asks() ? hash.value() | IndexedValue::only_asks : hash.value();
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
    for (const auto& row :
         session_.impl().read(find_others, std::string(wiki), self.to_string(), wanted, limit))
        if (const auto id = entity::EntityId::parse(row[1].as<std::string>()))
            found.at(row[0].as<std::size_t>()).push_back(*id);
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
        std::vector<Change> changes;
        const std::vector<Changed> rows = take_changes(transaction, wikis, changes);
        followed.changes = rows.size();
        read_first(transaction, changes);
        std::set<EntityKey> affected;
        std::vector<const Change*> concerning;
        for (const Change& change : changes) {
            if (change.names_others() && change.row->after.empty() &&
                hash_of_others(change) != change.others) // others came or went meanwhile
                if (const auto id = entity::EntityId::parse(change.row->entity))
                    affected.insert({change.row->wiki, *id});
            if (concerns_others(change))
                concerning.push_back(&change);
        }
        const auto places = read_next(transaction, concerning, affected);
        TextArray done_wikis, done_entities;
        BigintArray done_ids;
        for (const Changed& row : rows) {
            if (const auto at = places.find(&row); at != places.end()) {
                transaction.exec(keep_value_place, row.wiki, row.entity, row.id, at->second);
                continue;
            }
            done_wikis.add(row.wiki);
            done_entities.add(row.entity);
            done_ids.add(row.id);
        }
        if (!done_wikis.empty())
            transaction.exec(drop_value_changes, done_wikis, done_entities, done_ids);
        queue_again(transaction, affected, {priority, JobReason::value}, followed);
    });
    return followed;
}

} // namespace runner::store
