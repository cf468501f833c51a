// SPDX-License-Identifier: GPL-2.0-or-later
// See pause_table.hpp.
#include "store/jobs/pause_table.hpp"

#include "store/common/session_impl.hpp"
#include "store/jobs/job_ends.hpp"

#include <algorithm>

namespace runner::store {

namespace {

constexpr Statement list_pauses{"list_pauses", R"(
SELECT wiki, to_char(since AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), reason
FROM constraint_runner.pause ORDER BY wiki)"};

constexpr Statement add_pause{"add_pause", R"(
INSERT INTO constraint_runner.pause (wiki, reason) VALUES ($1, $2)
ON CONFLICT (wiki) DO UPDATE SET reason = excluded.reason)"};

constexpr Statement end_pause{"end_pause", "DELETE FROM constraint_runner.pause WHERE wiki = $1"};

} // namespace

bool is_paused(const std::vector<Pause>& pauses, std::string_view wiki) noexcept {
    return std::any_of(pauses.begin(), pauses.end(), [&](const Pause& pause) {
        return pause.wiki.empty() || pause.wiki == wiki;
    });
}

std::vector<Pause> PauseTable::list() {
    std::vector<Pause> pauses;
    for (const auto& row : session_.impl().read(list_pauses))
        pauses.push_back(
            {row[0].as<std::string>(), row[1].as<std::string>(), row[2].as<std::string>()});
    return pauses;
}

void PauseTable::pause(std::string_view wiki, std::string_view reason) {
    session_.impl().run([&](Transaction& transaction) {
        transaction.exec(add_pause, std::string(wiki), std::string(reason));
    });
}

bool PauseTable::resume(std::string_view wiki) {
    return session_.impl().run([&](Transaction& transaction) {
        const bool was = transaction.exec(end_pause, std::string(wiki)).affected_rows() > 0;
        notify_jobs_ready(transaction);
        return was;
    });
}

} // namespace runner::store
