// SPDX-License-Identifier: GPL-2.0-or-later
// See change_upsert.hpp. Entities that nothing rests on are noted too: to look would cost more
// here, where others wait, than afterwards.
#include "store/change_upsert.hpp"

#include "store/array.hpp"
#include "store/entity_rows.hpp"

namespace runner::store {

namespace {

constexpr Statement note_entity_changes{"note_entity_changes", R"(
INSERT INTO constraint_runner.entity_change AS c (wiki, entity, revision, changed_at)
SELECT wiki, entity, revision, statement_timestamp()
FROM unnest($1::text[], $2::text[], $3::bigint[]) AS n(wiki, entity, revision)
ON CONFLICT (wiki, entity) DO UPDATE SET
    revision = excluded.revision, changed_at = excluded.changed_at, after = '')"};

} // namespace

void note_changes(Transaction& transaction, const std::vector<Candidate*>& entities) {
    TextArray wikis, ids;
    BigintArray revisions;
    for (const Candidate* entity : entities) {
        if (!entity->seen_differently)
            continue;
        wikis.add(key_of(*entity).wiki);
        ids.add(key_of(*entity).entity.to_string());
        // as dependencies write it: what is not there has none
        revisions.add(entity->completed->result.deleted ? 0 : entity->revision);
    }
    if (!wikis.empty())
        transaction.exec(note_entity_changes, wikis, ids, revisions);
}

} // namespace runner::store
