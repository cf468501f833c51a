// SPDX-License-Identifier: GPL-2.0-or-later
// See ready_cursor.hpp.
//
// Why nothing is passed over: a row's ready_at is the time at which it was written, and its
// transaction has held the lock that writing needs on the table since before that. move_on() first
// takes the horizon: a time before the list of locks was read, or the earliest beginning of a
// transaction with that lock. A lock that the list lacks was taken later, and so was its ready_at,
// or was abandoned before, by a transaction whose rows the look that follows sees. What has a
// ready_at before the horizon was committed before, so that the look that follows sees it, also
// when another transaction has locked the row. The cursor is the first row that is seen, and never
// beyond the horizon. Where the beginning of a transaction is hidden, since it is of another role,
// the cursor stays. Jobs with deaths > 0 have an index of their own and no cursor.
#include "store/jobs/ready_cursor.hpp"

#include "store/common/array.hpp"

#include <algorithm>
#include <limits>

namespace runner::store {

namespace {

constexpr std::chrono::minutes start_over{10}; // whatever may have happened to the server's clock
constexpr std::int64_t clock_step = 1'000'000; // microseconds: more is a clock that was set back
// due_at is counted from the beginning of a statement, a moment before the lock
constexpr std::int64_t due_margin = 100'000;

constexpr Statement job_horizon{"job_horizon", R"(
SELECT (extract(epoch FROM least(statement_timestamp(), min(a.xact_start))) * 1000000)::bigint,
       (extract(epoch FROM clock_timestamp()) * 1000000)::bigint,
       coalesce(bool_or(a.xact_start IS NULL), false)
FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'relation' AND l.relation = 'constraint_runner.job'::regclass
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND l.mode = 'RowExclusiveLock' AND l.pid <> pg_backend_pid())"};

constexpr Statement first_ready_jobs{"first_ready_jobs", R"(
SELECT k.n - 1, (
    SELECT (extract(epoch FROM j.ready_at) * 1000000)::bigint FROM constraint_runner.job j
    WHERE j.wiki = k.wiki AND j.state = 'ready' AND j.deaths = 0 AND j.priority = k.priority
      AND j.ready_at >= timestamptz 'epoch' + k.first * interval '1 microsecond'
    ORDER BY j.ready_at LIMIT 1)
FROM unnest($1::text[], $2::smallint[], $3::bigint[])
     WITH ORDINALITY AS k(wiki, priority, first, n))"};

constexpr Statement first_due_job{"first_due_job", R"(
SELECT (extract(epoch FROM due_at) * 1000000)::bigint FROM constraint_runner.job
WHERE state <> 'ready' AND due_at >= timestamptz 'epoch' + $1::bigint * interval '1 microsecond'
  AND due_at <= statement_timestamp()
ORDER BY due_at LIMIT 1)"};

} // namespace

std::vector<ReadyCursor::Range> ReadyCursor::ranges(const std::string& wiki,
                                                    std::int16_t lowest) const {
    std::vector<Range> ranges;
    int highest = std::numeric_limits<std::int16_t>::max();
    const auto add = [&](int from, int to, std::int64_t first) {
        if (from >= to)
            ranges.push_back(
                {static_cast<std::int16_t>(from), static_cast<std::int16_t>(to), first});
    };
    if (const auto known = ready_.find(wiki); known != ready_.end())
        for (const auto& [priority, first] : known->second) {
            if (priority < lowest)
                break;
            add(highest, priority + 1, beginning);
            add(priority, priority, first);
            highest = priority - 1;
        }
    add(highest, lowest, beginning);
    return ranges;
}

void ReadyCursor::note(const std::string& wiki, std::int16_t priority) {
    ready_[wiki].emplace(priority, beginning);
}

void ReadyCursor::move_on(Transaction& transaction) {
    const auto times = transaction.exec(job_horizon)[0];
    const auto horizon = times[0].as<std::int64_t>();
    const auto now = times[1].as<std::int64_t>();
    if (now + clock_step < last_horizon_ || Clock::now() - began_ > start_over) {
        for (auto& [wiki, priorities] : ready_)
            for (auto& [priority, first] : priorities)
                first = beginning;
        due_ = beginning;
        began_ = Clock::now();
    }
    last_horizon_ = now;
    if (times[2].as<bool>())
        return;

    std::vector<std::int64_t*> cursors;
    TextArray wikis;
    SmallintArray numbers;
    BigintArray firsts;
    for (auto& [wiki, priorities] : ready_)
        for (auto& [priority, first] : priorities) {
            cursors.push_back(&first);
            wikis.add(wiki);
            numbers.add(priority);
            firsts.add(first);
        }
    if (!cursors.empty())
        for (const auto& row : transaction.exec(first_ready_jobs, wikis, numbers, firsts)) {
            std::int64_t& cursor = *cursors.at(row[0].as<std::size_t>());
            const std::int64_t seen =
                row[1].is_null() ? horizon : std::min(horizon, row[1].as<std::int64_t>());
            cursor = std::max(cursor, seen);
        }
    const auto due = transaction.exec(first_due_job, due_);
    const std::int64_t seen =
        due.empty() ? horizon : std::min(horizon, due[0][0].as<std::int64_t>());
    due_ = std::max(due_, seen - due_margin);
}

} // namespace runner::store
