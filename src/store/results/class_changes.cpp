// SPDX-License-Identifier: GPL-2.0-or-later
// See class_changes.hpp.
#include "store/results/class_changes.hpp"

#include "entity/id_code.hpp"
#include "store/common/array.hpp"
#include "store/common/session_impl.hpp"

namespace runner::store {

namespace {

constexpr Statement insert_class_changes{"insert_class_changes", R"(
INSERT INTO constraint_runner.changed_class (wiki, class, revision)
SELECT wiki, class, revision FROM unnest($1::text[], $2::bigint[], $3::bigint[])
       AS n(wiki, class, revision))"};

// as many as come, and no lock is waited for
constexpr Statement remove_class_changes{"remove_class_changes", R"(
DELETE FROM constraint_runner.changed_class c
USING (SELECT id FROM constraint_runner.changed_class
       WHERE created_at < statement_timestamp() - interval '5 minutes'
       ORDER BY created_at LIMIT 100 FOR UPDATE SKIP LOCKED) AS old
WHERE c.id = old.id)"};

constexpr Statement read_class_changes{"read_class_changes", R"(
SELECT wiki, class, revision, id FROM constraint_runner.changed_class
WHERE created_at > statement_timestamp() - interval '1 minute' ORDER BY id)"};

} // namespace

void note_class_changes(Transaction& transaction, std::span<const ClassChange> changes) {
    TextArray wikis;
    BigintArray classes, revisions;
    for (const ClassChange& change : changes) {
        wikis.add(change.wiki);
        classes.add(entity::code_of(change.entity));
        revisions.add(change.revision);
    }
    if (wikis.empty())
        return;
    transaction.exec(insert_class_changes, wikis, classes, revisions);
    transaction.exec(remove_class_changes);
}

std::vector<ClassChange> recent_class_changes(Session& session) {
    return session.impl().run([](Transaction& transaction) {
        std::vector<ClassChange> changes;
        for (const auto& row : transaction.exec(read_class_changes))
            changes.push_back({row[0].as<std::string>(), entity::id_of(row[1].as<std::int64_t>()),
                               row[2].as<std::uint64_t>(), row[3].as<std::uint64_t>()});
        return changes;
    });
}

} // namespace runner::store
