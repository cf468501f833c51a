// SPDX-License-Identifier: GPL-2.0-or-later
// See runner_table.hpp.
//
// The lock is advisory, of two numbers: `lock_class` and a hash of the runner's name. The server
// frees it when the session's connection ends, and the kernel closes that with the process, however
// it ends. A runner that is stopped (SIGSTOP, a paused virtual machine) keeps its connection and so
// its lock. When the connection breaks while the process lives, other runners may give its jobs
// back; that loses work, but not correctness: a job only ends for its lease_token, which the jobs
// have lost, so that the ends of the runner that lost them change no job.
#include "store/jobs/runner_table.hpp"

#include "store/common/session_impl.hpp"
#include "store/jobs/job_ends.hpp"

namespace runner::store {

namespace {

#define RUNNER_LOCK_CLASS "1667396210"

constexpr Statement announce_runner{"announce_runner", R"(
INSERT INTO constraint_runner.runner (name) VALUES ($1) ON CONFLICT DO NOTHING)"};

constexpr const char* holds_lock_sql = R"(
SELECT EXISTS (SELECT FROM pg_locks
               WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted
                 AND classid = )" RUNNER_LOCK_CLASS R"( AND objsubid = 2
                 AND objid = (hashtext($1)::bigint & 4294967295)::oid))";

constexpr Statement lock_runner{"lock_runner",
                                "SELECT pg_try_advisory_lock(" RUNNER_LOCK_CLASS ", hashtext($1))"};

// After a restart of the server all have lost their locks; those that live take them again as soon
// as they are connected.
constexpr Statement unlocked_runners{"unlocked_runners", R"(
SELECT r.name FROM constraint_runner.runner r
WHERE r.name <> $1
  AND (r.started_at >= pg_postmaster_start_time()
       OR clock_timestamp() > pg_postmaster_start_time() + interval '15 seconds')
  AND NOT EXISTS (
    SELECT FROM pg_locks l
    WHERE l.locktype = 'advisory' AND l.granted
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND l.classid = )" RUNNER_LOCK_CLASS R"( AND l.objsubid = 2
      AND l.objid = (hashtext(r.name)::bigint & 4294967295)::oid))"};

constexpr Statement lock_dead_runner{
    "lock_dead_runner", "SELECT pg_try_advisory_xact_lock(" RUNNER_LOCK_CLASS ", hashtext($1))"};

// what its last transaction still locks is given back a little later
constexpr Statement give_back_jobs{"give_back_jobs", R"(
WITH held AS MATERIALIZED (
    SELECT wiki, entity FROM constraint_runner.job
    WHERE state <> 'ready' AND state = 'leased' AND lease_owner = $1
    ORDER BY wiki, entity FOR UPDATE SKIP LOCKED)
UPDATE constraint_runner.job j SET
    lease_owner = NULL, lease_token = NULL, )" RUNNER_AFTER_DEATH R"(
FROM held WHERE j.wiki = held.wiki AND j.entity = held.entity)"};

constexpr Statement give_back_imports{"give_back_imports", R"(
WITH held AS MATERIALIZED (
    SELECT id FROM constraint_runner.import
    WHERE state = 'active' AND lease_owner = $1 FOR UPDATE SKIP LOCKED)
UPDATE constraint_runner.import i SET
    lease_owner = NULL, lease_token = NULL, lease_until = NULL
FROM held WHERE i.id = held.id)"};

constexpr Statement remove_runner{"remove_runner", R"(
DELETE FROM constraint_runner.runner
WHERE name = $1
  AND NOT EXISTS (SELECT FROM constraint_runner.job
                  WHERE state <> 'ready' AND state = 'leased' AND lease_owner = $1)
  AND NOT EXISTS (SELECT FROM constraint_runner.import
                  WHERE state = 'active' AND lease_owner = $1))"};

bool holds_lock(Transaction& transaction, const std::string& name) {
    static constexpr Statement holds{"holds_runner_lock", holds_lock_sql};
    return transaction.exec(holds, name)[0][0].as<bool>();
}

} // namespace

bool RunnerTable::announce(const std::string& name) {
    const bool locked = session_.impl().run([&](Transaction& transaction) {
        transaction.exec(announce_runner, name);
        return holds_lock(transaction, name) ||
               transaction.exec(lock_runner, name)[0][0].as<bool>();
    });
    // in its own transaction, which a pooler may give to another server process
    const std::uint64_t connection = session_.impl().connections_made;
    const bool kept = locked && session_.impl().run([&](Transaction& transaction) {
        return holds_lock(transaction, name);
    });
    if (locked && !kept && session_.impl().connections_made == connection)
        throw UnfitError(std::string(sentence_of("26000")));
    return kept;
}

std::vector<std::string> RunnerTable::unlocked(const std::string& name) {
    return session_.impl().run([&](Transaction& transaction) {
        std::vector<std::string> names;
        for (const auto& row : transaction.exec(unlocked_runners, name))
            names.push_back(row[0].as<std::string>());
        return names;
    });
}

RunnerTable::Ended RunnerTable::end(const std::string& name) {
    return session_.impl().run([&](Transaction& transaction) {
        Ended ended;
        if (!transaction.exec(lock_dead_runner, name)[0][0].as<bool>())
            return ended;
        ended.jobs = transaction.exec(give_back_jobs, name).affected_rows();
        ended.imports = transaction.exec(give_back_imports, name).affected_rows();
        ended.all = transaction.exec(remove_runner, name).affected_rows() > 0;
        if (ended.jobs > 0)
            notify_jobs_ready(transaction);
        return ended;
    });
}

void RunnerTable::leave(const std::string& name) {
    session_.impl().run([&](Transaction& transaction) { transaction.exec(remove_runner, name); });
}

} // namespace runner::store
