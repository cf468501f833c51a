// SPDX-License-Identifier: GPL-2.0-or-later
// See wiki_removal.hpp.
#include "store/lists/wiki_removal.hpp"

#include "store/common/session_impl.hpp"

#include <fmt/format.h>

namespace runner::store {

namespace {

// One snapshot for all statements: a row that changes meanwhile makes the transaction fail and run
// again, a row that appears later stays, with all others of its transaction.
constexpr const char* begin = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; "
                              "SET LOCAL statement_timeout = 0";

// entity_result comes before what is stored with it: a transaction that stores a result updates
// that row first, so that it waits here, or is waited for, before it has read or written any other.
constexpr Statement tables_of_wikis{"tables_of_wikis", R"(
SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'constraint_runner'::regnamespace AND c.relkind IN ('r', 'p')
  AND NOT c.relispartition AND a.attname = 'wiki' AND NOT a.attisdropped
  AND c.relname NOT IN ('job', 'wiki_role')
ORDER BY c.relname <> 'entity_result', c.relname)"};

constexpr Statement remove_jobs{"remove_jobs_of_wiki", R"(
WITH gone AS (DELETE FROM constraint_runner.job WHERE wiki = $1 RETURNING state)
SELECT count(*), count(*) FILTER (WHERE state = 'leased') FROM gone)"};

constexpr Statement count_results{"count_results_of_wiki", R"(
SELECT count(*) FROM constraint_runner.entity_result WHERE wiki = $1 AND tombstone = 0)"};

} // namespace

WikiRemoved remove_wiki(Session& session, std::string_view wiki) {
    return session.impl().run([&](Transaction& transaction) {
        transaction.exec_text(begin);
        WikiRemoved removed;
        const std::string name(wiki);
        const auto jobs = transaction.exec(remove_jobs, name);
        removed.rows = jobs[0][0].as<std::uint64_t>();
        if (const auto leased = jobs[0][1].as<std::uint64_t>(); leased > 0)
            throw WikiBusy(
                fmt::format("jobs of {} are in flight ({}); nothing was removed", name, leased));
        removed.results = transaction.exec(count_results, name)[0][0].as<std::uint64_t>();
        for (const auto& row : transaction.exec(tables_of_wikis)) {
            const std::string table = row[0].as<std::string>();
            const std::uint64_t rows =
                transaction
                    .exec_text(fmt::format("DELETE FROM constraint_runner.\"{}\" WHERE wiki = {}",
                                           table, transaction.quote(wiki)))
                    .affected_rows();
            removed.rows += rows;
            if (table == "violation")
                removed.violations = rows;
        }
        return removed;
    });
}

} // namespace runner::store
