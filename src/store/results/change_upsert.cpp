// SPDX-License-Identifier: GPL-2.0-or-later
// See change_upsert.hpp. Entities that nothing depends on are noted too: to look would cost more
// here, where others wait, than afterwards.
#include "store/results/change_upsert.hpp"

#include "store/common/array.hpp"

namespace runner::store {

namespace {

constexpr Statement note_entity_changes{"note_entity_changes", R"(
INSERT INTO constraint_runner.entity_change (wiki, entity, kind, changed_at)
SELECT wiki, entity, kind, statement_timestamp()
FROM unnest($1::text[], $2::text[], $3::smallint[]) AS n(wiki, entity, kind))"};

struct Columns {
    void add(const std::set<EntityKey>& entities, ChangeKind kind) {
        for (const EntityKey& key : entities) {
            wikis.add(key.wiki);
            ids.add(key.entity.to_string());
            kinds.add(static_cast<int>(kind));
        }
    }
    void write(Transaction& transaction) {
        if (!wikis.empty())
            transaction.exec(note_entity_changes, wikis, ids, kinds);
    }
    TextArray wikis, ids;
    SmallintArray kinds;
};

} // namespace

void note_changes(Transaction& transaction, const std::set<EntityKey>& entities, ChangeKind kind) {
    Columns columns;
    columns.add(entities, kind);
    columns.write(transaction);
}

void note_changes(Transaction& transaction, const std::set<EntityKey>& changed,
                  const std::set<EntityKey>& to_check) {
    Columns columns;
    columns.add(changed, ChangeKind::dependents);
    columns.add(to_check, ChangeKind::itself);
    columns.write(transaction);
}

} // namespace runner::store
