// SPDX-License-Identifier: GPL-2.0-or-later
// Leasing while somebody holds a snapshot: as cheap after many jobs as after few, and no job is
// passed over.
#include "database.hpp"
#include "store/common/server_state.hpp"
#include "store/jobs/job_table.hpp"

#include <catch2/catch.hpp>
#include <pqxx/pqxx>

#include <memory>
#include <string>
#include <thread>

using namespace runner;
using tests::Database;
using tests::job;
using Jobs = std::vector<store::NewJob>;
using namespace std::chrono_literals;

namespace {

struct Fixture {
    Database database;
    store::Session session{database.options()};
    store::JobTable table{session};

    std::vector<store::Lease> lease(std::uint32_t limit = 100) {
        (void)table.promote_due(1'000);
        const store::WikiShare share{"testwiki", limit};
        auto leases = table.lease("tester", {&share, 1}, 60s);
        table.move_on();
        return leases;
    }
    void accept(int first, int count, std::int16_t priority = 0) {
        Jobs jobs;
        for (int i = first; i < first + count; ++i)
            jobs.push_back(job("Q" + std::to_string(i), 0, "", priority));
        (void)table.accept(jobs);
    }
    // pages of the table and its indexes that were read so far, by all sessions
    long pages() const {
        return std::stol(database.one(
            "SELECT sum(heap_blks_hit + heap_blks_read + coalesce(idx_blks_hit, 0) + "
            "coalesce(idx_blks_read, 0)) FROM pg_statio_user_tables WHERE relname = 'job'"));
    }
    void flush() { // this session's counts
        pqxx::connection other(database.options().conninfo);
        session.disconnect();
        while (database.one("SELECT count(*) FROM pg_stat_activity WHERE application_name = "
                            "'constraint-runner' AND datname = current_database()") != "0")
            std::this_thread::sleep_for(1ms);
    }
    long cost_of_a_lease() {
        flush();
        const long before = pages();
        const auto leases = lease(1);
        flush();
        const long cost = pages() - before;
        CHECK(leases.size() == 1);
        return cost;
    }
};

} // namespace

TEST_CASE("a lease costs the same after many jobs, though a snapshot is held") {
    Fixture f;
    f.database.rows("ALTER TABLE constraint_runner.job SET (autovacuum_enabled = off)");
    pqxx::connection holder(f.database.options().conninfo);
    pqxx::work snapshot(holder);
    snapshot.exec("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
    snapshot.exec("SELECT count(*) FROM constraint_runner.job");
    long first = 0;
    long last = 0;
    const bool analyzed = GENERATE(false, true); // while the table is all but empty
    for (int round = 0; round < 10; ++round) {
        f.accept(round * 1'000 + 1, 1'000, static_cast<std::int16_t>(round % 3));
        while (!f.lease().empty())
            f.database.rows("DELETE FROM constraint_runner.job WHERE state = 'leased'");
        f.accept(1'000'000 + round * 10, 3);
        if (analyzed)
            f.database.rows("ANALYZE constraint_runner.job");
        (void)f.lease(1);
        f.table.move_on();
        last = f.cost_of_a_lease();
        if (round == 0)
            first = last;
        f.database.rows("DELETE FROM constraint_runner.job");
    }
    CAPTURE(analyzed, first, last);
    CHECK(last < 3 * first);
    CHECK(store::oldest_snapshot_seconds(f.session) > 0.1);
}

TEST_CASE("what becomes ready late is leased all the same") {
    Fixture f;
    const auto names = [](const std::vector<store::Lease>& leases) {
        std::string text;
        for (const auto& lease : leases)
            text += lease.key.entity.to_string() + " ";
        return text;
    };
    // begun before others, committed after they were leased
    pqxx::connection slow(f.database.options().conninfo);
    auto late = std::make_unique<pqxx::work>(slow);
    late->exec("INSERT INTO constraint_runner.job (wiki, entity, revision, priority, queued_at) "
               "VALUES ('testwiki', 'Q1', 0, 0, now())");
    f.accept(2, 2);
    CHECK(names(f.lease()) == "Q2 Q3 ");
    CHECK(f.lease().empty());
    late->commit();
    CHECK(names(f.lease()) == "Q1 ");

    // locked while the others are leased
    f.accept(11, 3);
    late = std::make_unique<pqxx::work>(slow);
    late->exec("SELECT FROM constraint_runner.job WHERE entity = 'Q11' FOR UPDATE");
    CHECK(names(f.lease()) == "Q12 Q13 ");
    CHECK(f.lease().empty());
    late.reset();
    CHECK(names(f.lease()) == "Q11 ");

    // given back, delayed, with a higher priority
    f.accept(21, 4);
    const auto leases = f.lease();
    REQUIRE(leases.size() == 4);
    f.table.release({&leases[0], 1});
    const store::JobTable::Failure failure{&leases[1], {1ms, false}, "failed"};
    f.table.fail({&failure, 1});
    std::this_thread::sleep_for(5ms);
    CHECK(f.lease().size() == 2);
    f.accept(31, 1, -5);
    f.accept(32, 1, 7);
    CHECK(names(f.lease(1)) == "Q32 ");
    f.accept(31, 1, 7); // from -5 to 7
    CHECK(names(f.lease()) == "Q31 ");
    f.accept(41, 1, 3); // between those that are known
    CHECK(names(f.lease()) == "Q41 ");
}

TEST_CASE("a job that is written while the cursor looks for writers is not passed over") {
    Fixture f;
    // the list of locks is half a second old when it is read
    f.database.rows("CREATE SCHEMA slow");
    f.database.rows(
        "CREATE FUNCTION slow.locks() RETURNS SETOF pg_locks LANGUAGE plpgsql AS $$ "
        "DECLARE found pg_locks[] := ARRAY(SELECT l FROM pg_catalog.pg_locks l); "
        "BEGIN PERFORM pg_sleep(0.5); RETURN QUERY SELECT * FROM unnest(found); END $$");
    f.database.rows("CREATE VIEW slow.pg_locks AS SELECT * FROM slow.locks()");
    f.database.rows("GRANT USAGE ON SCHEMA slow TO PUBLIC");
    f.database.rows("GRANT SELECT ON slow.pg_locks TO PUBLIC");
    f.database.rows("ALTER DATABASE " + f.database.name() + " SET search_path = slow, pg_catalog");
    f.accept(1, 1);
    REQUIRE(f.lease().size() == 1);

    pqxx::connection other(f.database.options().conninfo);
    pqxx::work writer(other);
    std::thread late([&] {
        std::this_thread::sleep_for(200ms);
        writer.exec(
            "INSERT INTO constraint_runner.job (wiki, entity, revision, priority, queued_at) "
            "VALUES ('testwiki', 'Q2', 0, 0, now())");
    });
    f.table.move_on();
    late.join();
    writer.commit();
    CHECK(f.lease().size() == 1);
}
