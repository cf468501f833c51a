// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/lists/parity_store.hpp"

#include "store/common/array.hpp"
#include "store/common/session_impl.hpp"
#include "store/jobs/job_ends.hpp"

namespace runner::store {

namespace {

constexpr Statement keep_differences{"keep_differences", R"(
INSERT INTO constraint_runner.parity_difference
    (wiki, entity, constraint_id, revision, found_at, property, type, native, php)
SELECT wiki, entity, constraint_id, revision, statement_timestamp(), property, type, native, php
FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::integer[], $6::text[],
            $7::json[], $8::json[])
     AS n(wiki, entity, constraint_id, revision, property, type, native, php)
ON CONFLICT (wiki, entity, constraint_id) DO UPDATE SET
    revision = excluded.revision, found_at = excluded.found_at, property = excluded.property,
    type = excluded.type, native = excluded.native, php = excluded.php)"};

constexpr Statement list_differences{"list_differences", R"(
SELECT wiki, entity, constraint_id, revision, property, type, native, php,
       to_char(found_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
FROM constraint_runner.parity_difference
WHERE (wiki, entity, constraint_id) > ($1, $2, $3) AND ($4 = '' OR wiki = $4)
ORDER BY wiki, entity, constraint_id LIMIT $5)"};

constexpr Statement remove_differences{"remove_differences", R"(
DELETE FROM constraint_runner.parity_difference
WHERE wiki = $1 AND found_at < statement_timestamp() - $2 * interval '1 ms')"};

} // namespace

void ParityStore::keep(std::span<const ParityDifference> differences) {
    if (differences.empty())
        return;
    TextArray wikis, entities, constraints, types;
    BigintArray revisions;
    IntegerArray properties;
    JsonArray natives, phps;
    for (const ParityDifference& difference : differences) {
        wikis.add(difference.key.wiki);
        entities.add(difference.key.entity.to_string());
        constraints.add(difference.constraint);
        revisions.add(difference.revision);
        properties.add(difference.property.number);
        types.add(difference.type);
        natives.add(difference.native);
        phps.add(difference.php);
    }
    session_.impl().run([&](Transaction& transaction) {
        transaction.exec(keep_differences, wikis, entities, constraints, revisions, properties,
                         types, natives, phps);
    });
}

std::vector<ParityDifference> ParityStore::list(std::string_view wiki, std::uint32_t limit,
                                                const EntityKey* after,
                                                std::string_view after_constraint) {
    return session_.impl().run([&](Transaction& transaction) {
        std::vector<ParityDifference> found;
        for (const auto& row :
             transaction.exec(list_differences, after != nullptr ? after->wiki : std::string(),
                              after != nullptr ? after->entity.to_string() : std::string(),
                              std::string(after_constraint), std::string(wiki), limit)) {
            ParityDifference difference;
            difference.key = read_key(row[0], row[1]);
            difference.constraint = row[2].as<std::string>();
            difference.revision = row[3].as<std::uint64_t>();
            difference.property.number = row[4].as<std::uint32_t>();
            difference.type = row[5].as<std::string>();
            difference.native = row[6].as<std::string>();
            difference.php = row[7].as<std::string>();
            difference.found_at = row[8].as<std::string>();
            found.push_back(std::move(difference));
        }
        return found;
    });
}

std::uint64_t ParityStore::remove_older(std::string_view wiki, std::chrono::milliseconds age) {
    return session_.impl().run([&](Transaction& transaction) {
        return static_cast<std::uint64_t>(
            transaction.exec(remove_differences, std::string(wiki), age.count()).affected_rows());
    });
}

} // namespace runner::store
