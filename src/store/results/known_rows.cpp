// SPDX-License-Identifier: GPL-2.0-or-later
// See known_rows.hpp.
//
// Why no order of events loses a change of D for a result of E that depends on it: let T1 store D
// and T2 store E. T2 reads what is stored of D. If it sees T1's row, it compares, and E is checked
// again where they differ. If not, T1 had not committed when T2 read, so that T2 was running at
// T1's commit. The follower reads T1's row of entity_change after that commit, and then which
// transactions are running. T2 is among them, and the follower waits for its end, or T2 has ended,
// and its dependencies are visible: in both cases the follower finds E.
//
// A transaction that has read what is stored, or the settings of a wiki, keeps the lock of that
// table to its end, and pg_locks shows it to all roles. What is known of its session only serves to
// leave out others, which would hold the follower up: pg_stat_activity hides it from roles without
// rights.
#include "store/results/known_rows.hpp"

#include "store/common/array.hpp"
#include "store/jobs/job_ends.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace runner::store {

namespace {

// Of runners alone: what roles that can't store, and other programs (a dump, say) do holds nothing
// up. A superuser that only reads is not taken for a runner, unless this one is of that role.
constexpr Statement list_storing{"list_storing", R"(
SELECT DISTINCT l.virtualtransaction
FROM pg_locks l
LEFT JOIN pg_stat_activity a ON a.pid = l.pid
LEFT JOIN pg_roles r ON r.oid = a.usesysid
WHERE l.locktype = 'relation'
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND l.relation IN ('constraint_runner.entity_result'::regclass,
                     'constraint_runner.wiki_settings'::regclass)
  AND l.pid <> pg_backend_pid()
  AND coalesce(a.application_name = current_setting('application_name'), true)
  AND coalesce(has_table_privilege(a.usesysid, 'constraint_runner.entity_result', 'INSERT'), true)
  AND (NOT coalesce(r.rolsuper, false) OR r.rolname = session_user
       OR l.mode = 'RowExclusiveLock'))"};

constexpr Statement read_known_rows{"read_known_rows", R"(
SELECT k.n - 1, r.tombstone = 0, r.revision, greatest(r.newest_revision, r.revision),
       r.check_number, r.asked_check, r.ask_always, r.seen, r.seen_linked, r.pairs_digest,
       r.links_digest
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS k(wiki, entity, n)
CROSS JOIN LATERAL (SELECT * FROM constraint_runner.entity_result
                    WHERE wiki = k.wiki AND entity = k.entity OFFSET 0) r)"};

std::set<std::string> storing(Transaction& transaction) {
    std::set<std::string> found;
    for (const auto& row : transaction.exec(list_storing))
        found.insert(row[0].as<std::string>());
    return found;
}

} // namespace

KnownRows read_known(Transaction& transaction, const std::set<EntityKey>& keys) {
    TextArray wikis, entities;
    std::vector<const EntityKey*> asked;
    for (const EntityKey& key : keys) {
        wikis.add(key.wiki);
        entities.add(key.entity.to_string());
        asked.push_back(&key);
    }
    KnownRows rows;
    for (const auto& row : transaction.exec(read_known_rows, wikis, entities)) {
        Known known;
        known.present = true;
        known.found = row[1].as<bool>();
        known.revision = row[2].as<std::uint64_t>();
        known.newest = row[3].as<std::uint64_t>();
        known.check = row[4].as<std::uint64_t>();
        known.asked = row[5].as<std::uint64_t>();
        known.ask_always = row[6].as<bool>();
        if (!row[7].is_null())
            known.seen = static_cast<std::uint64_t>(row[7].as<std::int64_t>());
        if (!row[8].is_null())
            known.seen_linked = static_cast<std::uint64_t>(row[8].as<std::int64_t>());
        if (!row[9].is_null())
            known.pairs_digest = row[9].as<std::int64_t>();
        if (!row[10].is_null())
            known.links_digest = row[10].as<std::int64_t>();
        rows.emplace(*asked.at(row[0].as<std::size_t>()), known);
    }
    return rows;
}

StoringNow::StoringNow(Transaction& transaction) : transactions_(storing(transaction)) {}

bool StoringNow::over(Transaction& transaction) const {
    const auto now = storing(transaction);
    return std::none_of(transactions_.begin(), transactions_.end(),
                        [&](const std::string& each) { return now.contains(each); });
}

} // namespace runner::store
