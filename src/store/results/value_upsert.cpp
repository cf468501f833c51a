// SPDX-License-Identifier: GPL-2.0-or-later
// See value_upsert.hpp. Two transactions that gain the same value concurrently do not see each
// other; the look at value_change comes after both, so that the last to look sees all.
#include "store/results/value_upsert.hpp"

#include "store/common/array.hpp"
#include "store/results/entity_rows.hpp"

#include <span>
#include <string>
#include <tuple>
#include <utility>

namespace runner::store {

namespace {

constexpr Statement read_values{"read_values", R"(
SELECT k.n - 1, v.keys
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS k(wiki, entity, n)
CROSS JOIN LATERAL (
    SELECT string_agg(uuid_send(key), ''::bytea ORDER BY key) AS keys
    FROM constraint_runner.distinct_value
    WHERE wiki = k.wiki AND entity = k.entity) v
WHERE v.keys IS NOT NULL)"};

constexpr Statement delete_values{"delete_values", R"(
DELETE FROM constraint_runner.distinct_value d
USING unnest($1::text[], $2::text[], $3::uuid[]) AS k(wiki, entity, key)
WHERE d.wiki = k.wiki AND d.entity = k.entity AND d.key = k.key)"};

constexpr Statement insert_values{"insert_values", R"(
INSERT INTO constraint_runner.distinct_value (wiki, entity, key, property)
SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[], $4::integer[]))"};

constexpr Statement insert_value_changes{"insert_value_changes", R"(
INSERT INTO constraint_runner.value_change (wiki, entity, keys, others)
SELECT wiki, entity, keys, others
FROM unnest($1::text[], $2::text[], $3::bytea[], $4::bytea[]) AS c(wiki, entity, keys, others))"};

std::span<const results::IndexedValue> values_of(const Candidate& entity) {
    if (entity.result->deleted)
        return {};
    return entity.result->values;
}

/// The keys in the database by the entity's place in the list, each list sorted.
std::vector<std::vector<std::string>> keys_before(Transaction& transaction,
                                                  const std::vector<Candidate*>& entities) {
    auto keys = read_rows<std::string>(transaction, read_values, entities, &Candidate::same_links,
                                       [](const pqxx::row& row) { return read_bytes(row[1]); });
    constexpr std::size_t width = std::tuple_size_v<results::ValueKey>;
    for (auto& list : keys) {
        const std::string joined = list.empty() ? std::string() : std::move(list.front());
        list.clear();
        for (std::size_t at = 0; at + width <= joined.size(); at += width)
            list.push_back(joined.substr(at, width));
    }
    return keys;
}

void append_others(std::string& bytes, std::uint64_t hash) {
    for (int shift = 56; shift >= 0; shift -= 8)
        bytes += static_cast<char>(hash >> shift);
}

struct ByKey {
    static std::string_view text(const std::string& key) { return key; }
    static std::string_view text(const results::IndexedValue& value) { return bytes_of(value.key); }
    bool operator()(const auto& a, const auto& b) const { return text(a) < text(b); }
};

} // namespace

void update_values(Transaction& transaction, const std::vector<Candidate*>& entities) {
    const auto before = keys_before(transaction, entities);
    TextArray gone_wikis, gone_ids, fresh_wikis, fresh_ids, changed_wikis, changed_ids;
    UuidArray gone_keys, fresh_keys;
    IntegerArray fresh_properties;
    ByteaArray changed_keys, changed_others;
    for (std::size_t i = 0; i < entities.size(); ++i) {
        if (entities[i]->same_links)
            continue;
        const EntityKey& key = key_of(*entities[i]);
        const std::string id = key.entity.to_string();
        std::string keys, others;
        for_difference(
            before[i], values_of(*entities[i]), ByKey{},
            [&](const std::string& value) {
                gone_wikis.add(key.wiki);
                gone_ids.add(id);
                gone_keys.add(value);
                keys += value;
                append_others(others, results::IndexedValue::lost);
            },
            [&](const results::IndexedValue& value) {
                fresh_wikis.add(key.wiki);
                fresh_ids.add(id);
                fresh_keys.add(bytes_of(value.key));
                fresh_properties.add(value.property.number);
                keys += bytes_of(value.key);
                append_others(others, value.others);
            },
            [](const auto&, const auto&) {});
        if (keys.empty())
            continue;
        changed_wikis.add(key.wiki);
        changed_ids.add(id);
        changed_keys.add(keys);
        changed_others.add(others);
    }
    if (!gone_wikis.empty())
        transaction.exec(delete_values, gone_wikis, gone_ids, gone_keys);
    if (!fresh_wikis.empty())
        transaction.exec(insert_values, fresh_wikis, fresh_ids, fresh_keys, fresh_properties);
    if (!changed_wikis.empty())
        transaction.exec(insert_value_changes, changed_wikis, changed_ids, changed_keys,
                         changed_others);
}

} // namespace runner::store
