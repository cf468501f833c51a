// SPDX-License-Identifier: GPL-2.0-or-later
// See stored_sample.hpp. Whole pages of the table are picked, so that no more is read than needed.
#include "store/results/stored_sample.hpp"

#include "store/common/session_impl.hpp"
#include "store/jobs/job_ends.hpp"

#include <algorithm>
#include <string>

namespace runner::store {

namespace {

constexpr Statement estimate_rows{"estimate_rows",
                                  "SELECT greatest(reltuples, 0)::bigint FROM pg_class "
                                  "WHERE oid = 'constraint_runner.entity_result'::regclass"};

constexpr Statement sample_results{"sample_results", R"(
SELECT wiki, entity FROM constraint_runner.entity_result TABLESAMPLE SYSTEM ($2::real)
WHERE wiki = $1 AND tombstone = 0 ORDER BY random() LIMIT $3)"};

} // namespace

std::vector<EntityKey> sample_stored(Session& session, std::string_view wiki, std::uint64_t count) {
    constexpr double surplus = 4; // rows of other wikis, and pages that are not full
    constexpr double few = 100'000;
    return session.impl().run([&](Transaction& transaction) {
        const auto rows = transaction.exec(estimate_rows)[0][0].as<double>();
        const double share =
            rows < few ? 100 : std::min(100.0, 100 * surplus * static_cast<double>(count) / rows);
        std::vector<EntityKey> keys;
        for (const auto& row : transaction.exec(sample_results, std::string(wiki), share, count))
            keys.push_back(read_key(row[0], row[1]));
        return keys;
    });
}

} // namespace runner::store
