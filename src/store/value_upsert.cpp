// SPDX-License-Identifier: GPL-2.0-or-later
// See value_upsert.hpp. Two transactions that gain the same value at once do not see each other;
// the look at value_change comes after both, so that whoever looks last sees all.
#include "store/value_upsert.hpp"

#include "store/array.hpp"

#include <algorithm>
#include <cstring>

namespace runner::store {

namespace {

// only what changed comes back, by the entity's place in the list
constexpr Statement update_distinct_values{"update_distinct_values", R"(
WITH checked AS MATERIALIZED (
    SELECT wiki, entity, n - 1 AS place
    FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS e(wiki, entity, n)),
now AS MATERIALIZED (
    SELECT c.wiki, c.entity, v.key, v.property, v.place
    FROM unnest($3::integer[], $4::uuid[], $5::integer[]) AS v(place, key, property)
    JOIN checked c ON c.place = v.place),
gone AS (
    DELETE FROM constraint_runner.distinct_value d USING checked c
    WHERE d.wiki = c.wiki AND d.entity = c.entity
      AND NOT EXISTS (SELECT FROM now
                      WHERE now.wiki = d.wiki AND now.entity = d.entity AND now.key = d.key)
    RETURNING c.place, d.key),
fresh AS (
    INSERT INTO constraint_runner.distinct_value (wiki, entity, key, property)
    SELECT wiki, entity, key, property FROM now
    ON CONFLICT (wiki, entity, key) DO NOTHING
    RETURNING wiki, entity, key)
SELECT place, uuid_send(key), false FROM gone
UNION ALL
SELECT c.place, uuid_send(f.key), true
FROM fresh f JOIN checked c ON c.wiki = f.wiki AND c.entity = f.entity)"};

constexpr Statement insert_value_changes{"insert_value_changes", R"(
INSERT INTO constraint_runner.value_change (wiki, entity, keys, others)
SELECT wiki, entity, keys, others
FROM unnest($1::text[], $2::text[], $3::bytea[], $4::bytea[]) AS c(wiki, entity, keys, others))"};

std::string_view bytes_of(const results::ValueKey& key) {
    return {reinterpret_cast<const char*>(key.data()), key.size()};
}

std::span<const results::IndexedValue> values_of(const Candidate& entity) {
    if (entity.completed->result.deleted)
        return {};
    return entity.completed->result.values;
}

std::uint8_t others_seen(const Candidate& entity, std::string_view key) {
    const auto values = values_of(entity);
    const auto at = std::find_if(values.begin(), values.end(),
                                 [&](const auto& value) { return bytes_of(value.key) == key; });
    return at != values.end() ? at->others : std::uint8_t{0};
}

} // namespace

void update_values(Transaction& transaction, const std::vector<Candidate*>& entities) {
    TextArray wikis, ids;
    IntegerArray places, properties;
    UuidArray keys;
    bool any = false;
    for (std::size_t i = 0; i < entities.size(); ++i) {
        const EntityKey& key = entities[i]->completed->lease.key;
        wikis.add(key.wiki);
        ids.add(key.entity.to_string());
        for (const results::IndexedValue& value : values_of(*entities[i])) {
            places.add(i);
            keys.add(bytes_of(value.key));
            properties.add(value.property.number);
        }
        any = any || !entities[i]->is_new;
    }
    if (!any && keys.empty())
        return; // all new and without a value
    std::vector<std::string> changed(entities.size());
    std::vector<std::string> others(entities.size());
    for (const auto& row :
         transaction.exec(update_distinct_values, wikis, ids, places, keys, properties)) {
        const auto place = row[0].as<std::size_t>();
        const std::string key = pqxx::binarystring(row[1]).str();
        changed.at(place).append(key);
        others.at(place) += static_cast<char>(
            row[2].as<bool>() ? others_seen(*entities[place], key) : value_lost);
    }
    TextArray changed_wikis, changed_ids;
    ByteaArray changed_keys, changed_others;
    for (std::size_t i = 0; i < entities.size(); ++i) {
        if (changed[i].empty())
            continue;
        const EntityKey& key = entities[i]->completed->lease.key;
        changed_wikis.add(key.wiki);
        changed_ids.add(key.entity.to_string());
        changed_keys.add(changed[i]);
        changed_others.add(others[i]);
    }
    if (!changed_wikis.empty())
        transaction.exec(insert_value_changes, changed_wikis, changed_ids, changed_keys,
                         changed_others);
}

} // namespace runner::store
