// SPDX-License-Identifier: GPL-2.0-or-later
// Pauses and new priorities: what is leased, and in which order.
#include "database.hpp"
#include "store/jobs/job_table.hpp"
#include "store/jobs/pause_table.hpp"
#include "store/lists/wiki_removal.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace runner;
using tests::Database;
using tests::job;
using Jobs = std::vector<store::NewJob>;
using Names = std::vector<std::string>;
using namespace std::chrono_literals;

namespace {

struct Fixture {
    Database database;
    store::Session session{database.options()};
    store::JobTable table{session};
    store::PauseTable pauses{session};

    Names lease(std::uint32_t limit = 10) {
        const store::WikiShare shares[] = {{"otherwiki", limit}, {"testwiki", limit}};
        Names names;
        for (const store::Lease& lease : table.lease("tester", shares, 60s))
            names.push_back(lease.key.wiki + ' ' + lease.key.entity.to_string());
        table.move_on();
        return names;
    }
    void accept(const char* wiki, const char* entity, std::int16_t priority = 0,
                store::JobReason reason = store::JobReason::edit) {
        store::NewJob one = job(entity, 1, "", priority);
        one.key.wiki = wiki;
        one.reason = reason;
        (void)table.accept({&one, 1});
    }
    std::size_t suspects() {
        const Names wikis{"otherwiki", "testwiki"};
        return table.lease_suspects("tester", wikis, 60s).size();
    }
};

entity::EntityId id(const char* text) { return *entity::EntityId::parse(text); }

} // namespace

TEST_CASE("no job of a paused wiki is leased, and all are there when it goes on") {
    Fixture f;
    f.accept("testwiki", "Q1");
    f.accept("otherwiki", "Q2");
    f.pauses.pause("testwiki", "it moves");
    f.accept("testwiki", "Q3");
    CHECK(f.lease() == Names{"otherwiki Q2"});
    CHECK(f.lease().empty());
    CHECK(f.pauses.resume("testwiki"));
    CHECK(f.lease() == Names{"testwiki Q1", "testwiki Q3"});
    CHECK_FALSE(f.pauses.resume("testwiki"));
}

TEST_CASE("a pause of all holds beside that of a wiki") {
    Fixture f;
    f.accept("testwiki", "Q1");
    f.accept("otherwiki", "Q2");
    f.pauses.pause("", "");
    f.pauses.pause("testwiki", "one");
    f.pauses.pause("testwiki", "two");
    const auto list = f.pauses.list();
    REQUIRE(list.size() == 2);
    CHECK(list[0].wiki.empty());
    CHECK(list[1].reason == "two");
    CHECK(list[1].since.size() == std::string("2026-11-21T18:20:00Z").size());
    CHECK(store::is_paused(list, "anything"));
    CHECK(f.lease().empty());
    CHECK(f.pauses.resume(""));
    CHECK(store::is_paused(f.pauses.list(), "testwiki"));
    CHECK_FALSE(store::is_paused(f.pauses.list(), "otherwiki"));
    CHECK(f.lease() == Names{"otherwiki Q2"});
    CHECK(f.pauses.resume("testwiki"));
    CHECK(f.lease() == Names{"testwiki Q1"});
}

TEST_CASE("suspect jobs of a paused wiki wait too") {
    Fixture f;
    f.accept("testwiki", "Q1");
    f.database.rows("UPDATE constraint_runner.job SET state = 'delayed', deaths = 2, "
                    "due_at = 'infinity'");
    f.pauses.pause("testwiki", "");
    CHECK(f.suspects() == 0);
    f.pauses.resume("testwiki");
    CHECK(f.suspects() == 1);
}

TEST_CASE("jobs in flight end while their wiki is paused") {
    Fixture f;
    f.accept("testwiki", "Q1");
    const store::WikiShare share{"testwiki", 1};
    const auto leases = f.table.lease("tester", {&share, 1}, 60s);
    REQUIRE(leases.size() == 1);
    f.pauses.pause("testwiki", "");
    CHECK(f.table.heartbeat(leases, 60s) == std::vector<bool>{true});
    f.table.release(leases); // goes back unharmed, and waits
    CHECK(f.lease().empty());
    f.pauses.resume("testwiki");
    CHECK(f.lease() == Names{"testwiki Q1"});
}

TEST_CASE("waiting jobs get another priority and keep their order, those in flight do not") {
    Fixture f;
    for (const char* entity : {"Q9", "Q1", "Q5"})
        f.accept("testwiki", entity, -10, store::JobReason::fill);
    f.accept("testwiki", "Q2", 0);
    CHECK(f.lease(1) == Names{"testwiki Q2"}); // and the cursor of each priority moves on
    f.accept("testwiki", "Q3", 0);
    f.accept("otherwiki", "Q4", 0);

    using store::JobReason;
    CHECK(f.table.reprioritise({"testwiki", 10, JobReason::fill, {}}) == 3);
    CHECK(f.table.reprioritise({"testwiki", 10, JobReason::fill, {}}) == 0);
    CHECK(f.table.reprioritise({"testwiki", 10, {}, {id("Q4"), id("Q2"), id("Q77")}}) == 0);
    CHECK(f.database.one("SELECT priority FROM constraint_runner.job WHERE entity = 'Q2'") == "0");
    CHECK(f.lease(2) ==
          Names{"testwiki Q9", "testwiki Q1", "otherwiki Q4"}); // by priority, then age
    CHECK(f.table.reprioritise({"testwiki", -10, {}, {id("Q5")}}) == 1);
    CHECK(f.lease(1) == Names{"testwiki Q3"});
    CHECK(f.lease(1) == Names{"testwiki Q5"});
}

TEST_CASE("a new priority is given in chunks, the longest waiting first") {
    Fixture f;
    for (const char* entity : {"Q3", "Q2", "Q1"})
        f.accept("testwiki", entity);
    const store::NewPriority high{"testwiki", 10, {}, {}};
    CHECK(f.table.reprioritise(high, 2) == 2);
    CHECK(f.database.one("SELECT entity FROM constraint_runner.job WHERE priority = 0") == "Q1");
    CHECK(f.table.reprioritise(high, 2) == 1);
    CHECK(f.table.reprioritise(high, 2) == 0);
    CHECK(f.table.reprioritise(high, 0) == 0);
    CHECK(f.lease(1) == Names{"testwiki Q3"});
}

TEST_CASE("removing a wiki removes its pause") {
    Fixture f;
    f.pauses.pause("testwiki", "");
    f.pauses.pause("", "");
    (void)store::remove_wiki(f.session, "testwiki");
    CHECK_FALSE(f.pauses.resume("testwiki"));
    CHECK(f.pauses.resume(""));
}
