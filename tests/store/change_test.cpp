// SPDX-License-Identifier: GPL-2.0-or-later
// Which entities are checked again when others see one differently.
#include "database.hpp"
#include "store/common/session_impl.hpp"
#include "store/jobs/kept_documents.hpp"
#include "store/results/change_store.hpp"
#include "store/results/known_rows.hpp"

#include <catch2/catch.hpp>

using namespace runner;
using tests::completed;
using tests::Database;
using tests::dependency;
using Rows = std::vector<std::string>;

namespace {

entity::EntityId id(std::string_view text) { return entity::EntityId::parse(text).value(); }

struct Fixture {
    Database database;
    store::Session session{database.options()};
    store::ResultStore results{session};
    store::ChangeStore changes{session};
    std::uint64_t check = 0;

    /// Stores a result of `entity`, which others see as `seen` (0: unknown).
    void put(std::string_view entity, std::uint64_t revision, std::uint64_t seen,
             std::vector<results::Dependency> dependencies = {}) {
        auto result = tests::result(entity, revision, {}, std::move(dependencies));
        if (seen != 0)
            result.seen = seen;
        (void)results.store(std::vector<store::Completed>{completed(std::move(result), ++check)});
    }
    void remove(std::string_view entity, std::uint64_t revision) {
        auto result = tests::result(entity, revision);
        result.deleted = true;
        (void)results.store(std::vector<store::Completed>{completed(std::move(result), ++check)});
    }
    /// The entities that are queued when all changes are followed; the queue is empty after.
    Rows follow(store::FollowedWiki wiki = {"testwiki", true, true}) {
        while (changes.follow({&wiki, 1}, -10).changes > 0) {
        }
        return database.rows("WITH gone AS (DELETE FROM constraint_runner.job RETURNING *) "
                             "SELECT entity, priority FROM gone ORDER BY entity");
    }
    std::string waiting() {
        return database.one("SELECT count(*) FROM constraint_runner.entity_change");
    }
};

} // namespace

TEST_CASE_METHOD(Fixture, "dependents are queued when others see an entity differently") {
    put("Q1", 10, 100);
    put("Q2", 20, 200,
        {dependency("Q2", 20, 200), dependency("Q1", 10, 100), dependency("P5", 1, 7)});
    put("Q3", 30, 300, {dependency("Q3", 30, 300)});
    CHECK(follow().empty());

    put("Q1", 11, 100); // a label, say
    CHECK(waiting() == "0");
    put("Q1", 12, 101);
    CHECK(waiting() == "1");
    CHECK(follow() == Rows{"Q2|-10"});
    CHECK(waiting() == "0");
    CHECK(follow().empty());
}

TEST_CASE_METHOD(Fixture,
                 "the first result of an entity is compared with what its dependents saw") {
    put("Q2", 20, 200, {dependency("Q1", 10, 100)});
    put("Q3", 30, 300, {dependency("Q1", 11, 101)});
    put("Q4", 40, 400, {dependency("Q1", 0, 0)});
    put("Q5", 50, 500, {dependency("Q1", 9)}); // of an older version: what it saw is not known
    put("Q1", 11, 101);
    CHECK(follow() == Rows{"Q2|-10", "Q4|-10", "Q5|-10"});
}

TEST_CASE_METHOD(Fixture, "a dependent that has seen the present state is not queued") {
    put("Q1", 10, 100);
    put("Q2", 20, 200, {dependency("Q1", 10, 100)});
    put("Q3", 30, 300, {dependency("Q1", 10, 100)});
    put("Q1", 11, 101, {dependency("Q1", 11, 101)});
    put("Q2", 20, 200, {dependency("Q1", 11, 101)});
    CHECK(follow() == Rows{"Q3|-10"});
    put("Q3", 30, 300, {dependency("Q1", 11, 101)});
    put("Q1", 12, 100); // to and fro before anybody looks
    put("Q1", 13, 101);
    CHECK(follow().empty());
}

TEST_CASE_METHOD(Fixture, "to be deleted and restored is to change") {
    put("Q1", 10, 100);
    put("Q2", 20, 200, {dependency("Q1", 10, 100)});
    remove("Q1", 11);
    CHECK(follow() == Rows{"Q2|-10"});
    put("Q2", 20, 200, {dependency("Q1", 0, 0)});
    remove("Q1", 12); // still not there
    CHECK(follow().empty());
    put("Q1", 13, 100);
    CHECK(follow() == Rows{"Q2|-10"});
}

TEST_CASE_METHOD(Fixture, "a result without a hash hides no later change") {
    put("Q1", 10, 100);
    put("Q2", 20, 200, {dependency("Q1", 10, 100)});
    CHECK(follow().empty());
    put("Q1", 11, 0);
    CHECK(waiting() == "0");
    put("Q1", 12, 101);
    CHECK(follow() == Rows{"Q2|-10"});
}

TEST_CASE_METHOD(Fixture,
                 "a change waits for the transactions that were storing when it was seen") {
    put("Q1", 10, 100);
    CHECK(follow().empty());
    put("Q1", 11, 101);
    store::Session other(database.options());
    const store::FollowedWiki wiki{"testwiki", true, true};
    other.impl().run([&](store::Transaction& transaction) {
        (void)store::read_known(transaction, {tests::key("Q1")});
        const auto early = changes.follow({&wiki, 1}, -10);
        CHECK(early.waiting);
        CHECK(early.changes == 0);
        CHECK(waiting() == "1");
    });
    // one that began later does not hold it up
    other.impl().run([&](store::Transaction& transaction) {
        (void)store::read_known(transaction, {tests::key("Q1")});
        CHECK(changes.follow({&wiki, 1}, -10).changes == 1);
    });
    CHECK(waiting() == "0");
}

TEST_CASE_METHOD(Fixture, "a transaction of another role or program holds nothing up") {
    put("Q1", 10, 100);
    (void)database.rows("CREATE ROLE stranger LOGIN");
    store::DatabaseOptions options = database.options();
    SECTION("role") { options.conninfo += " user=stranger"; }
    SECTION("program") { options.application_name = "constraint-runner dump"; }
    store::Session other(options);
    other.impl().run([&](store::Transaction& transaction) {
        transaction.exec_text("SELECT 1");
        const store::FollowedWiki wiki{"testwiki", true, true};
        CHECK(changes.follow({&wiki, 1}, -10).changes == 1);
    });
    other.disconnect();
    (void)database.rows("DROP ROLE stranger");
}

TEST_CASE_METHOD(Fixture, "a transaction of another runner is waited for, whatever its role") {
    put("Q1", 10, 100);
    (void)database.rows("CREATE ROLE second_runner LOGIN");
    (void)database.rows("GRANT USAGE ON SCHEMA constraint_runner TO second_runner");
    (void)database.rows("GRANT ALL ON ALL TABLES IN SCHEMA constraint_runner TO second_runner");
    // neither role may look at the other's sessions
    (void)database.rows("CREATE ROLE first_runner LOGIN");
    (void)database.rows("GRANT USAGE ON SCHEMA constraint_runner TO first_runner");
    (void)database.rows("GRANT ALL ON ALL TABLES IN SCHEMA constraint_runner TO first_runner");
    store::DatabaseOptions options = database.options();
    SECTION("another login") { options.conninfo += " user=second_runner"; }
    SECTION("SET ROLE") {
        (void)database.rows("GRANT second_runner TO first_runner");
        options.conninfo += " user=first_runner options='-c role=second_runner'";
    }
    store::DatabaseOptions follower = database.options();
    follower.conninfo += " user=first_runner";
    {
        store::Session first(follower), second(options);
        store::ChangeStore follow(first);
        const store::FollowedWiki wiki{"testwiki", true, true};
        second.impl().run([&](store::Transaction& transaction) {
            (void)store::read_known(transaction, {tests::key("Q1")});
            CHECK(follow.follow({&wiki, 1}, -10).waiting);
        });
        CHECK(follow.follow({&wiki, 1}, -10).changes == 1);
    }
    for (const char* role : {"first_runner", "second_runner"}) {
        (void)database.rows(std::string("DROP OWNED BY ") + role);
        (void)database.rows(std::string("DROP ROLE ") + role);
    }
}

TEST_CASE_METHOD(Fixture, "more dependents than one step takes are queued step by step") {
    put("Q1", 10, 100);
    (void)follow();
    (void)database.rows(
        "INSERT INTO constraint_runner.dependency (wiki, entity, depends_on, revision, "
        "seen) SELECT 'testwiki', 'Q' || n, 'Q1', 10, 100 "
        "FROM generate_series(1000, 12000) n");
    put("Q1", 11, 101);
    const std::vector<store::FollowedWiki> wikis{{"testwiki", true, true}};
    CHECK(changes.follow(wikis, -10).jobs == 5'000);
    CHECK(waiting() == "1");
    CHECK(database.one("SELECT max(entity) FROM constraint_runner.job") ==
          database.one("SELECT after FROM constraint_runner.entity_change"));
    CHECK(follow().size() == 11'001);
    CHECK(waiting() == "0");
}

TEST_CASE_METHOD(Fixture, "where nothing can be checked again, or shall be, changes are dropped") {
    put("Q1", 10, 100);
    put("Q2", 20, 200, {dependency("Q1", 10, 100)});
    (void)follow();
    put("Q1", 11, 101);
    CHECK(follow({"otherwiki", true, true}).empty());
    CHECK(waiting() == "1"); // another runner's
    CHECK(follow({"testwiki", false, true}).empty());
    CHECK(waiting() == "0");
    put("Q1", 12, 102);
    CHECK(follow({"testwiki", true, false}).empty());
    CHECK(waiting() == "0");
}

TEST_CASE_METHOD(Fixture,
                 "without a source what used a property is queued with its kept document") {
    store::KeptDocuments kept(session);
    kept.keep("testwiki", {id("Q2"), 20, R"({"id":"Q2","n":2})"});
    kept.keep("testwiki", {id("Q2"), 19, R"({"id":"Q2","n":1})"}); // late
    put("Q2", 20, 200, {dependency("P1", 0, 0)});
    put("Q3", 30, 300, {dependency("P1", 0, 0)}); // not kept
    put("Q1", 10, 100);
    put("Q4", 40, 400, {dependency("Q1", 9, 99)});
    kept.keep("testwiki", {id("Q4"), 40, "{}"}); // but no property has changed
    put("P1", 1, 77);
    put("Q1", 11, 101);
    const store::FollowedWiki wiki{"testwiki", false, true};
    while (changes.follow({&wiki, 1}, -10).changes > 0) {
    }
    CHECK(database.rows("SELECT entity, revision, document_revision, priority, document = (SELECT "
                        "document FROM constraint_runner.kept_document WHERE entity = 'Q2') "
                        "FROM constraint_runner.job") == Rows{"Q2|20|20|-10|t"});
    CHECK(waiting() == "0");
}

TEST_CASE_METHOD(Fixture, "a kept document is found again, and one that should be kept is named") {
    store::KeptDocuments kept(session);
    kept.keep("testwiki", {id("P1"), 1, "{}"});
    put("P2", 2, 9);
    const std::vector<entity::EntityId> ids{id("P3"), id("P2"), id("P1")};
    auto found = kept.load("testwiki", ids);
    std::sort(found.begin(), found.end(), [](auto& a, auto& b) { return a.revision < b.revision; });
    REQUIRE(found.size() == 2);
    CHECK((found[0].id == id("P1") && found[0].json == "{}"));
    CHECK((found[1].id == id("P2") && found[1].json.empty()));
    CHECK(kept.load("otherwiki", ids).empty());
}

TEST_CASE_METHOD(Fixture, "of files only what a check saw of kept properties is compared") {
    put("P1", 1, 77);
    put("Q1", 1, 78);
    const auto differing = [&](bool compares) {
        auto each = completed(
            tests::result("Q2", 20, {}, {dependency("P1", 0, 0), dependency("Q1", 0, 0)}), ++check);
        each.basis = store::Basis::files;
        each.compares_properties = compares;
        return results.store(std::vector<store::Completed>{std::move(each)}).at(0).differing;
    };
    CHECK(differing(false).empty());
    CHECK(differing(true) == std::vector<entity::EntityId>{id("P1")});
}

TEST_CASE_METHOD(Fixture, "all entities of a wiki are queued when its settings change") {
    put("Q1", 10, 100);
    put("Q2", 20, 200);
    remove("Q3", 5);
    (void)follow();
    changes.check_settings("testwiki", "a");
    CHECK(follow().empty()); // nothing was known
    changes.check_settings("testwiki", "a");
    CHECK(follow().empty());
    changes.check_settings("testwiki", "b");
    CHECK(follow() == Rows{"Q1|-10", "Q2|-10"});
}

TEST_CASE_METHOD(Fixture, "redirects are asked for again when their target goes or comes back") {
    const auto redirect = [&](bool found) {
        auto result = tests::result("Q5", 0);
        result.deleted = true;
        result.seen = found ? 77 : 0;
        if (found)
            result.class_node = {tests::key("Q5").entity,
                                 0,
                                 results::ClassNode::State::redirect,
                                 {tests::key("Q2").entity}};
        auto check_of_it = completed(std::move(result), ++check);
        check_of_it.basis = store::Basis::answer;
        (void)results.store(std::vector<store::Completed>{check_of_it});
    };
    put("Q2", 20, 200);
    redirect(true);
    CHECK(follow().empty());
    put("Q2", 21, 201);
    CHECK(follow().empty());
    remove("Q2", 22);
    CHECK(follow() == Rows{"Q5|-10"});
    redirect(false);
    CHECK(follow().empty());
    put("Q2", 23, 201);
    CHECK(follow() == Rows{"Q5|-10"});
    redirect(true);
    CHECK(follow().empty());
}

TEST_CASE_METHOD(Fixture, "statements of a property concern those that link to it") {
    const auto put_property = [&](std::uint64_t seen, std::uint64_t seen_linked) {
        auto result = tests::result("P5", ++check);
        result.seen = seen;
        result.seen_linked = seen_linked;
        auto check_of_it = completed(std::move(result), check);
        check_of_it.basis = store::Basis::answer;
        (void)results.store(std::vector<store::Completed>{check_of_it});
    };
    put_property(100, 201);
    put("Q1", 10, 11, {dependency("P5", 1, 100)}); // uses it
    put("Q2", 20, 21, {dependency("P5", 1, 201)}); // links to it, and perhaps uses it too
    CHECK(follow().empty());
    put_property(100, 203);
    CHECK(follow() == Rows{"Q2|-10"});
    put("Q2", 20, 21, {dependency("P5", 1, 203)});
    put_property(102, 205);
    CHECK(follow() == Rows{"Q1|-10", "Q2|-10"});
    put("Q1", 10, 11, {dependency("P5", 1, 102)});
    put("Q2", 20, 21, {dependency("P5", 1, 205)});
    CHECK(follow().empty());
    put_property(102, 205);
    CHECK(follow().empty());
}
