// SPDX-License-Identifier: GPL-2.0-or-later
// Results of other settings than the store has of the wiki: see store/results/settings_guard.hpp.
#include "job_fixture.hpp"
#include "store/results/change_store.hpp"
#include "store/results/class_store.hpp"

#include <catch2/catch.hpp>

#include <thread>
#include <utility>

using namespace runner;
using namespace std::chrono_literals;
using store::JobState;
using store::StoreState;
using Rows = std::vector<std::string>;

namespace {

struct Fixture : tests::JobFixture {
    store::ChangeStore changes{session};

    store::Lease lease(std::string_view entity) { return JobFixture::lease(tests::job(entity, 1)); }
    /// A check of `held` ends that was made with `settings`.
    store::Outcome end(const store::Lease& held, const std::string& settings) {
        auto done = tests::completed(held, tests::result(held.key.entity.to_string(), 1));
        done.settings = settings;
        return results.store({&done, 1}).at(0);
    }
    Rows stored() {
        return database.rows("SELECT entity FROM constraint_runner.entity_result ORDER BY 1");
    }
    Rows follow() {
        const store::FollowedWiki wiki{"testwiki", true, true};
        while (changes.follow({&wiki, 1}, -10).changes > 0) {
        }
        return database.rows("SELECT entity FROM constraint_runner.job ORDER BY entity");
    }
};

} // namespace

TEST_CASE_METHOD(Fixture,
                 "a result of other settings than the wiki's is not stored, its job waits") {
    changes.check_settings("testwiki", "before");
    const auto held = lease("Q1");
    changes.check_settings("testwiki", "now"); // while it is checked
    const auto outcome = end(held, "before");
    CHECK(outcome.result == StoreState::other_settings);
    CHECK(outcome.job == JobState::delayed);
    CHECK(stored().empty());

    all_due();
    const auto again = next();
    CHECK(again.attempts == 1); // the one before does not count
    CHECK(again.deferrals == 1);
    CHECK(end(again, "now").result == StoreState::stored);
    CHECK(stored() == Rows{"Q1"});
}

TEST_CASE_METHOD(Fixture, "what was stored before other settings came is checked again") {
    changes.check_settings("testwiki", "before");
    CHECK(end(lease("Q1"), "before").result == StoreState::stored);
    changes.check_settings("testwiki", "now");
    CHECK(follow() == Rows{"Q1"});
}

TEST_CASE_METHOD(Fixture,
                 "a result stored while other settings are written is found by the follower") {
    changes.check_settings("testwiki", "before");
    const auto held = lease("Q1");
    store::Session other(database.options());
    // its transaction has read the settings before, and ends after they were changed
    (void)database.rows("CREATE FUNCTION pg_temp_wait() RETURNS trigger LANGUAGE plpgsql AS "
                        "'BEGIN PERFORM pg_sleep(0.5); RETURN NEW; END'");
    (void)database.rows("CREATE TRIGGER wait BEFORE INSERT ON constraint_runner.entity_result "
                        "FOR EACH ROW EXECUTE FUNCTION pg_temp_wait()");
    std::thread storing([&] {
        auto done = tests::completed(held, tests::result("Q1", 1));
        done.settings = "before";
        (void)store::ResultStore(other).store({&done, 1});
    });
    while (database.one("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") !=
           "1")
        std::this_thread::sleep_for(1ms);
    changes.check_settings("testwiki", "now");
    const store::FollowedWiki wiki{"testwiki", true, true};
    CHECK(changes.follow({&wiki, 1}, -10).waiting);
    storing.join();
    CHECK(stored() == Rows{"Q1"});
    CHECK(follow() == Rows{"Q1"});
}

TEST_CASE_METHOD(Fixture, "with other settings the classes that were read lately are read again") {
    const auto keep = [&](std::string_view id, std::chrono::milliseconds age) {
        const results::ClassNode node{
            tests::key(id).entity, 1, results::ClassNode::State::found, {}};
        const store::ClassRow row{"testwiki", {node, age}};
        store::ClassStore(session).keep({&row, 1});
    };
    const auto ages = [&] {
        return database.rows("SELECT read_at = 'epoch' FROM constraint_runner.class_node "
                             "WHERE wiki = 'testwiki' ORDER BY class");
    };
    keep("Q10", 1min);
    keep("Q11", 2h); // is read again in any case
    changes.check_settings("testwiki", "before", 1h);
    CHECK(ages() == Rows{"f", "f"});
    changes.check_settings("testwiki", "now", 1h);
    CHECK(ages() == Rows{"t", "f"});
    CHECK(store::ClassStore(session)
              .find("testwiki", std::vector{tests::key("Q10").entity})
              .at(0)
              .age > 1h);
    keep("Q10", 0ms);
    changes.check_settings("testwiki", "now", 1h);
    CHECK(ages() == Rows{"f", "f"});
    (void)follow();
    changes.check_settings("testwiki", "now", 1h, true); // this runner had others until now
    CHECK(ages() == Rows{"t", "f"});
    CHECK(database.one("SELECT count(*) FROM constraint_runner.entity_change") == "1");
}

TEST_CASE_METHOD(Fixture, "the first result of a wiki says which settings it has") {
    CHECK(end(lease("Q1"), "first").result == StoreState::stored);
    CHECK(database.one("SELECT fingerprint FROM constraint_runner.wiki_settings") == "first");
    CHECK(end(lease("Q2"), "other").result == StoreState::other_settings);
    changes.check_settings("testwiki", "other");
    CHECK(follow() == Rows{"Q1", "Q2"});
}

TEST_CASE_METHOD(Fixture, "a result of other settings without a job is asked for as one") {
    changes.check_settings("testwiki", "now");
    auto done = tests::completed(tests::result("Q1", 1), results.next_check());
    done.settings = "before"; // of a dump
    CHECK(results.store({&done, 1}).at(0).result == StoreState::other_settings);
    CHECK(stored().empty());
    CHECK(follow() == Rows{"Q1"});
}

TEST_CASE_METHOD(Fixture, "the rest of a batch is stored beside a result of other settings") {
    changes.check_settings("testwiki", "now");
    std::vector<store::Completed> batch;
    for (const auto& [entity, settings] :
         {std::pair("Q1", "before"), std::pair("Q2", "now"), std::pair("Q3", "")}) {
        batch.push_back(tests::completed(tests::result(entity, 1), results.next_check()));
        batch.back().settings = settings;
    }
    const auto outcomes = results.store(batch);
    CHECK(outcomes[0].result == StoreState::other_settings);
    CHECK(outcomes[1].result == StoreState::stored);
    CHECK(stored() == Rows{"Q2", "Q3"});
}
