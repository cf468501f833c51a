// SPDX-License-Identifier: GPL-2.0-or-later
// A database with jobs and results, for tests that take the jobs one by one.
#pragma once

#include "database.hpp"
#include "store/jobs/job_table.hpp"

#include <catch2/catch.hpp>

#include <chrono>

namespace runner::tests {

struct JobFixture {
    Database database;
    store::Session session{database.options()};
    store::ResultStore results{session};
    store::JobTable jobs{session};

    store::Lease lease(const store::NewJob& job) {
        (void)jobs.accept({&job, 1});
        return next();
    }
    store::Lease next() {
        (void)jobs.promote_due(10);
        const store::WikiShare share{"testwiki", 1};
        auto leases = jobs.lease("worker", {&share, 1}, std::chrono::seconds(60));
        REQUIRE(leases.size() == 1);
        return leases.front();
    }
    void all_due() {
        (void)database.rows("UPDATE constraint_runner.job SET due_at = now() WHERE due_at > now()");
    }
};

} // namespace runner::tests
