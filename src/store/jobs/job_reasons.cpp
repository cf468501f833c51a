// SPDX-License-Identifier: GPL-2.0-or-later
// Why jobs are in the queue, and what waits to be queued. See job_table.hpp.
#include "store/common/session_impl.hpp"
#include "store/jobs/job_table.hpp"

#include <algorithm>

namespace runner::store {

namespace {

constexpr Statement count_reasons{"count_reasons", R"(
SELECT wiki, reason, count(*) FROM constraint_runner.job GROUP BY 1, 2
UNION ALL
SELECT wiki, NULL, count(*) FROM constraint_runner.entity_change GROUP BY 1
UNION ALL
SELECT wiki, NULL, count(*) FROM constraint_runner.value_change GROUP BY 1)"};

} // namespace

void JobTable::add_reasons(std::vector<WikiCounts>& wikis) {
    session_.impl().run([&](Transaction& transaction) {
        for (WikiCounts& wiki : wikis)
            wiki.counts.reasons = {};
        for (const auto& row : transaction.exec(count_reasons)) {
            const auto name = row[0].as<std::string>();
            auto at = std::find_if(wikis.begin(), wikis.end(),
                                   [&](const WikiCounts& wiki) { return wiki.wiki == name; });
            if (at == wikis.end())
                at = wikis.insert(wikis.end(), {name, {}});
            const auto count = row[2].as<std::uint64_t>();
            if (row[1].is_null())
                at->counts.reasons.changes += count;
            else
                at->counts.reasons.jobs.at(row[1].as<std::size_t>()) += count;
        }
    });
}

} // namespace runner::store
