// SPDX-License-Identifier: GPL-2.0-or-later
// Imports in the database: one of a subject at a time, leases that are lost, chunks that are saved
// whole or not at all, and files of which new, changed, renamed and vanished ones are told apart.
#include "database.hpp"
#include "store/imports/commons_files.hpp"
#include "store/imports/import_store.hpp"

#include <catch2/catch.hpp>

using namespace runner;
using namespace std::chrono_literals;
using store::ImportAction;
using tests::Database;
using Rows = std::vector<std::string>;

namespace {

const Rows wikis{"commonswiki", "otherwiki"};
using Order = store::CommonsFileStore::Order;
const Rows kinds{"category"};

store::NewImport asked(std::string subject, std::string wiki = "commonswiki") {
    return {std::move(wiki),
            "category",
            std::move(subject),
            R"({"categories":["A"]})",
            {{"files_imported", 0}}};
}

store::CommonsFile file(std::uint64_t page, std::string name, std::uint64_t width = 100) {
    store::CommonsFile made;
    made.page_id = page;
    made.name = std::move(name);
    made.major_mime = "image";
    made.minor_mime = "jpeg";
    made.width = width;
    made.height = 50;
    made.first_user_id = 7;
    made.first_user = "Ärger";
    made.first_at = made.latest_at = "20260102030405";
    return made;
}

struct Fixture {
    const Database database;
    store::Session session{database.options()};
    store::ImportStore imports{session};
    store::CommonsFileStore files{session};

    std::uint64_t create(const std::string& subject, const std::string& wiki = "commonswiki") {
        const auto accepted = imports.create(asked(subject, wiki));
        CHECK(accepted.is_new);
        return accepted.id;
    }
    store::ImportLease lease(const char* worker = "w") {
        auto taken = imports.lease(worker, wikis, kinds, 60s);
        REQUIRE(taken);
        return *taken;
    }
    bool save(store::ImportLease& held, const store::CommonsFileRows& rows, bool complete = false) {
        store::ImportStep step;
        step.rows = &rows;
        step.done = rows.files.size();
        step.complete = complete;
        held.cursor = "next";
        return imports.save(held, step);
    }
    /// A whole import of those files.
    store::ImportLease import(std::vector<store::CommonsFile> all,
                              std::vector<std::uint64_t> vanished = {}) {
        create("A");
        auto held = lease();
        store::CommonsFileRows rows;
        rows.files = std::move(all);
        rows.vanished = std::move(vanished);
        CHECK(save(held, rows, true));
        return held;
    }
    std::string status(std::uint64_t id) { return imports.get(id).value().status; }
};

} // namespace

TEST_CASE("of a subject one import is under way at a time, in each wiki") {
    Fixture f;
    const auto first = f.create("A");
    const auto again = f.imports.create(asked("A"));
    CHECK_FALSE(again.is_new);
    CHECK(again.id == first);
    f.create("A", "otherwiki");
    f.create("B");
    CHECK(f.imports.change(first, ImportAction::pause).status == "paused");
    CHECK(f.imports.create(asked("A")).id == first);
    CHECK(f.imports.change(first, ImportAction::cancel).status == "cancelled");
    CHECK(f.create("A") != first);
    CHECK(f.imports.list("commonswiki", "", 10).size() == 3);
    CHECK(f.imports.list("", "cancelled", 10).size() == 1);
    CHECK(f.imports.list("", "", 2).size() == 2);
}

TEST_CASE("wikis take turns, and in a wiki its imports do") {
    Fixture f;
    f.create("A");
    f.create("B");
    f.create("C", "otherwiki");
    Rows turns;
    for (int i = 0; i < 8; ++i) {
        const auto held = f.lease();
        turns.push_back(held.subject);
        f.imports.release(held, 0ms, "");
    }
    CHECK(std::count(turns.begin(), turns.end(), "C") == 4);
    CHECK(std::count(turns.begin(), turns.end(), "A") == 2);
    CHECK(std::count(turns.begin(), turns.end(), "B") == 2);
}

TEST_CASE("a lease keeps others away until it is released or runs out") {
    Fixture f;
    const auto id = f.create("A");
    CHECK(f.status(id) == "queued");
    auto first = f.lease("first");
    CHECK(f.status(id) == "running");
    CHECK_FALSE(f.imports.lease("second", wikis, kinds, 60s));
    const std::vector<std::uint64_t> tokens{first.token};
    f.imports.heartbeat(tokens, -1s); // as if it had run out
    auto second = f.lease("second");
    CHECK(second.key.id == id);

    store::CommonsFileRows rows;
    rows.files = {file(1, "A.jpg")};
    CHECK_FALSE(f.save(first, rows));
    CHECK(f.database.one("SELECT count(*) FROM constraint_runner.commons_file") == "0");
    CHECK(f.save(second, rows));
    CHECK(f.imports.get(id)->done == 1);
    f.imports.release(second, 1h, "waits");
    CHECK_FALSE(f.imports.lease("third", wikis, kinds, 60s));
    CHECK(f.imports.get(id)->current == "waits");
    CHECK_FALSE(f.imports.lease("x", {}, kinds, 60s));
    CHECK_FALSE(f.imports.lease("x", wikis, {}, 60s));
}

TEST_CASE("a chunk of an import that was paused or cancelled meanwhile is not saved") {
    Fixture f;
    const auto id = f.create("A");
    auto held = f.lease();
    CHECK(f.imports.change(id, ImportAction::pause).changed);
    store::CommonsFileRows rows;
    rows.files = {file(1, "A.jpg")};
    CHECK_FALSE(f.save(held, rows));
    CHECK_FALSE(f.imports.lease("w", wikis, kinds, 60s));
    CHECK_FALSE(f.imports.change(id, ImportAction::pause).changed);
    CHECK(f.imports.change(id, ImportAction::resume).status == "running");
    CHECK(f.save(held = f.lease(), rows));
    CHECK(f.imports.change(id, ImportAction::cancel).changed);
    CHECK(f.database.one("SELECT count(*) FROM constraint_runner.commons_file") == "1");
    CHECK_FALSE(f.imports.change(id, ImportAction::resume).refusal.empty());
    CHECK_FALSE(f.imports.change(999, ImportAction::pause).found);
}

TEST_CASE("what the database refuses leaves nothing of its chunk behind") {
    Fixture f;
    const auto id = f.create("A");
    auto held = f.lease();
    store::CommonsFileRows rows;
    rows.files = {file(1, "A.jpg"), file(2, "\xff")};
    CHECK_THROWS_AS(f.save(held, rows), base::DataError);
    CHECK(f.database.one("SELECT count(*) FROM constraint_runner.commons_file") == "0");
    CHECK(f.imports.get(id)->done == 0);
}

TEST_CASE("attempts that fail wait, and are abandoned when told so") {
    Fixture f;
    const auto id = f.create("A");
    f.imports.fail(f.lease(), "unavailable", "the replica is away", 1h);
    auto row = f.imports.get(id).value();
    CHECK(row.status == "waiting");
    CHECK(row.attempts == 1);
    CHECK(row.error == "the replica is away");
    CHECK_FALSE(row.next_attempt.empty());
    CHECK_FALSE(f.imports.lease("w", wikis, kinds, 60s));
    (void)f.imports.change(id, ImportAction::pause);
    (void)f.imports.change(id, ImportAction::resume); // at once
    auto held = f.lease();
    CHECK(held.attempts == 0);
    f.imports.fail(held, "no_such_category", "there is none", std::nullopt);
    row = f.imports.get(id).value();
    CHECK(row.status == "failed");
    CHECK(row.error_code == "no_such_category");
    CHECK_FALSE(row.ended_at.empty());
    CHECK(f.imports.change(id, ImportAction::retry).status == "running");
    CHECK(f.imports.get(id)->error.empty());
}

TEST_CASE("problems are listed by pages, retried, and gone when it helped") {
    Fixture f;
    const auto id = f.create("A");
    auto held = f.lease();
    store::ImportStep step;
    for (int i = 1; i <= 5; ++i) {
        store::ImportProblem problem;
        problem.code = "file_missing";
        problem.item = "file:" + std::to_string(i);
        problem.reason = "no file";
        problem.retryable = i != 3;
        step.problems.push_back(problem);
    }
    step.complete = true;
    CHECK(f.imports.save(held, step));
    CHECK(f.imports.get(id)->failed == 5);
    CHECK(f.imports.get(id)->status == "complete");
    const auto page = f.imports.problems(id, 2).value();
    REQUIRE(page.size() == 2);
    CHECK(page[0].item == "file:1");
    CHECK(f.imports.problems(id, 10, page[1].number)->size() == 3);
    CHECK_FALSE(f.imports.problems(999, 10));

    CHECK(f.imports.change(id, ImportAction::retry).changed);
    held = f.lease();
    CHECK(held.retrying);
    auto again = f.imports.to_retry(held, 3);
    REQUIRE(again.size() == 3);
    CHECK(again[2].item == "file:4");
    store::ImportStep retried;
    for (const auto& problem : again)
        retried.retried.push_back(problem.number);
    retried.problems.push_back(again[0]);
    retried.done = 2;
    CHECK(f.imports.save(held, retried));
    again = f.imports.to_retry(held, 3);
    REQUIRE(again.size() == 1); // what failed again is not tried a third time
    CHECK(again[0].item == "file:5");
    store::ImportStep last;
    last.retried = {again[0].number};
    last.complete = true;
    CHECK(f.imports.save(held, last));
    CHECK(f.imports.get(id)->failed == 2);
    CHECK(f.imports.problems(id, 10)->size() == 2);
    CHECK(f.imports.get(id)->retrying == false);
}

TEST_CASE("files that are new, changed, renamed, unchanged and vanished are told apart") {
    Fixture f;
    auto first = f.import(
        {file(1, "One.jpg"), file(2, "Two.jpg"), file(3, "Three.jpg"), file(4, "Four.jpg")});
    CHECK(first.counts["files_imported"] == 4);
    CHECK(first.counts["files_new"] == 4);

    f.create("A");
    auto held = f.lease();
    store::CommonsFileRows rows;
    rows.files = {file(1, "One.jpg"), file(2, "Two.jpg", 200), file(3, "Drei.jpg")};
    CHECK(f.save(held, rows));
    CHECK(f.save(held, rows)); // the same chunk, or the same files in another category
    rows.files = {file(5, "Five.jpg")};
    CHECK(f.save(held, rows));
    const auto known = f.files.known(held.key, 3, 10);
    REQUIRE(known.size() == 2);
    CHECK(known[0].file.page_id == 4);
    CHECK_FALSE(known[0].seen);
    CHECK(known[1].seen);
    const std::vector<std::uint64_t> pages{3, 4, 5, 99};
    CHECK(f.files.seen(held.key, pages) == std::set<std::uint64_t>{3, 5});
    rows.files.clear();
    rows.vanished = {4};
    CHECK(f.save(held, rows, true));
    CHECK(held.counts["files_imported"] == 4);
    CHECK(held.counts["files_unchanged"] == 1);
    CHECK(held.counts["files_changed"] == 1);
    CHECK(held.counts["files_renamed"] == 1);
    CHECK(held.counts["files_new"] == 1);
    CHECK(held.counts["files_vanished"] == 1);

    const auto page = f.files.page({held.key.id});
    CHECK(page.found);
    CHECK(page.files.size() == 4);
    CHECK(page.files.at(0).first_user == "Ärger");
    CHECK_FALSE(page.files.at(0).latest_user_id);
    CHECK(f.files.page({held.key.id, {2, {}}, 1}).files.at(0).name == "Drei.jpg");
    const auto renamed =
        f.files.page({held.key.id, {}, 10, Order::page, store::FileChange::renamed}).files;
    REQUIRE(renamed.size() == 1);
    CHECK(renamed[0].previous_name == "Three.jpg");
    const auto gone =
        f.files.page({held.key.id, {}, 10, Order::page, store::FileChange::vanished}).files;
    REQUIRE(gone.size() == 1);
    CHECK(gone[0].name == "Four.jpg");
    CHECK_FALSE(f.files.page({999}).found);

    auto third = f.import({file(1, "One.jpg"), file(4, "Four.jpg")});
    CHECK(third.counts["files_new"] == 1); // it is back
    CHECK(third.counts["files_unchanged"] == 1);
    CHECK(f.files.page({third.key.id, {}, 10, Order::page, store::FileChange::vanished})
              .files.empty());
}

TEST_CASE("a file that vanishes from the import that brought it is counted there no more") {
    Fixture f;
    f.create("A");
    auto held = f.lease();
    store::CommonsFileRows rows;
    rows.files = {file(1, "One.jpg"), file(2, "Two.jpg")};
    store::ImportStep step;
    step.rows = &rows;
    step.done_is = "files_imported";
    CHECK(f.imports.save(held, step));
    CHECK(held.done == 2);
    rows.files.clear();
    rows.vanished = {2};
    CHECK(f.imports.save(held, step));
    CHECK(held.done == 1);
    CHECK(held.counts["files_new"] == 1);
    CHECK(held.counts["files_imported"] == 1);
    CHECK(held.counts["files_vanished"] == 1);
    CHECK(f.imports.get(held.key.id)->done == 1);
}

TEST_CASE("files are listed by name in the order of its bytes, page by page") {
    Fixture f;
    const auto held =
        f.import({file(1, "b.jpg"), file(2, "B.jpg"), file(3, "Ä.jpg"), file(4, "a.jpg")});
    Rows names;
    store::CommonsFileStore::Question question{held.key.id, {}, 2, Order::name, {}};
    for (;;) {
        const auto page = f.files.page(question);
        for (const auto& each : page.files)
            names.push_back(each.name);
        if (!page.next)
            break;
        question.after = *page.next;
    }
    CHECK(names == Rows{"B.jpg", "a.jpg", "b.jpg", "Ä.jpg"});
}

TEST_CASE("a problem of a thing that is looked at again is dropped, and remarks count nothing") {
    Fixture f;
    f.create("A");
    auto held = f.lease();
    store::ImportStep step;
    store::ImportProblem problem{0, "file_missing", "file:5", "it is gone", true, {}, true};
    step.problems = {problem, {0, "redirect_loop", "Category:A", "round", false, {}, false}};
    CHECK(f.imports.save(held, step));
    CHECK(held.failed == 1);
    CHECK(f.files.problem_pages(held.key, 0, 10) == std::vector<std::uint64_t>{5});
    CHECK(f.imports.problems(held.key.id, 10)->size() == 2);
    step.problems = {problem};
    step.looked_at = {"file:5", "file:6"};
    CHECK(f.imports.save(held, step)); // again, and it fails again
    CHECK(held.failed == 1);
    step.problems.clear();
    CHECK(f.imports.save(held, step));
    CHECK(held.failed == 0);
    CHECK(f.imports.get(held.key.id)->failed == 0);
    CHECK(f.imports.problems(held.key.id, 10)->size() == 1);
}

TEST_CASE("imports that ended long ago are forgotten with their files") {
    Fixture f;
    const auto first = f.import({file(1, "One.jpg")});
    f.import({file(1, "One.jpg"), file(2, "Two.jpg")});
    const auto running = f.create("A"); // compared with the second
    CHECK_FALSE(f.imports.forget(1h));
    CHECK(f.imports.forget(0ms));
    CHECK_FALSE(f.imports.get(first.key.id));
    CHECK(f.database.one("SELECT count(*) FROM constraint_runner.commons_file") == "2");
    CHECK_FALSE(f.imports.forget(0ms));
    CHECK(f.imports.change(running, ImportAction::cancel).changed);
    while (f.imports.forget(0ms)) {
    }
    CHECK(f.database.one("SELECT count(*) FROM constraint_runner.commons_file") == "0");
    CHECK(f.imports.list("", "", 10).empty());
    f.create("B");
    const auto counts = f.imports.count_by_status();
    REQUIRE(counts.size() == 1);
    CHECK(counts[0].status == "queued");
}

TEST_CASE("each import has its own list, compared with the complete one before it") {
    Fixture f;
    const auto first = f.import({file(1, "One.jpg"), file(2, "Two.jpg"), file(3, "Three.jpg")});
    f.create("A");
    auto second = f.lease();
    CHECK(second.key.base_id == first.key.id);
    store::CommonsFileRows rows;
    rows.files = {file(1, "Eins.jpg")};
    CHECK(f.save(second, rows));
    CHECK(f.imports.change(second.key.id, ImportAction::cancel).changed); // not one to compare with
    const auto third = f.import({file(1, "One.jpg"), file(2, "Two.jpg", 7)}, {3});
    CHECK(third.key.base_id == first.key.id);
    CHECK(third.counts.at("files_unchanged") == 1);
    CHECK(f.files.page({first.key.id}).files.size() == 3);
    CHECK(f.files.page({second.key.id}).files.size() == 1);
    CHECK(f.files.page({third.key.id}).files.size() == 2);
    CHECK(f.files.page({first.key.id, {1, {}}, 1}).files.at(0).width == 100);

    store::CommonsFileStore::Question since{first.key.id};
    since.since = second.key.id;
    const auto different = f.files.page(since);
    REQUIRE(different.files.size() == 3);
    CHECK(different.files[0].change == store::FileChange::renamed);
    CHECK(different.files[0].previous_name == "Eins.jpg");
    CHECK(different.files[1].change == store::FileChange::renewed);
    CHECK_FALSE(different.next);
    since = {third.key.id, {}, 2};
    since.since = first.key.id;
    const auto part = f.files.page(since);
    REQUIRE(part.files.size() == 1);
    CHECK(part.files[0].change == store::FileChange::changed);
    REQUIRE(part.next);
    since.after = *part.next;
    const auto rest = f.files.page(since);
    REQUIRE(rest.files.size() == 1);
    CHECK(rest.files[0].change == store::FileChange::vanished);
    CHECK(rest.files[0].name == "Three.jpg");
    since.since = 999;
    CHECK_FALSE(f.files.page(since).since_found);
}

TEST_CASE("a file that comes back while an import runs is one of its files again") {
    Fixture f;
    f.import({file(1, "One.jpg")});
    f.create("A");
    auto held = f.lease();
    store::CommonsFileRows rows;
    rows.vanished = {1};
    CHECK(f.save(held, rows));
    CHECK(held.counts["files_vanished"] == 1);
    const auto known = f.files.known(held.key, 0, 10);
    REQUIRE(known.size() == 1);
    CHECK(known[0].vanished);
    rows.vanished.clear();
    rows.files = {file(1, "Uno.jpg")};
    CHECK(f.save(held, rows));
    CHECK(held.counts["files_vanished"] == 0);
    CHECK(held.counts["files_renamed"] == 1);
    CHECK(held.counts["files_imported"] == 1);
}

TEST_CASE("the data of an import that is over is deleted, and its row stays") {
    Fixture f;
    const auto first = f.import({file(1, "One.jpg")});
    const auto running = f.create("A");
    CHECK_FALSE(f.imports.delete_data(running).refusal.empty());
    CHECK(f.imports.delete_data(first.key.id).changed);
    CHECK_FALSE(f.imports.delete_data(first.key.id).changed);
    CHECK_FALSE(f.imports.delete_data(999).found);
    CHECK(f.files.page({first.key.id}).deleted);
    CHECK(f.files.page({first.key.id}).files.empty());
    CHECK_FALSE(f.imports.get(first.key.id)->data_deleted_at.empty());
    CHECK(f.imports.forget(1h));
    CHECK_FALSE(f.imports.forget(1h));
    CHECK(f.database.one("SELECT count(*) FROM constraint_runner.commons_file") == "0");
    CHECK(f.imports.get(first.key.id)->status == "complete");
    CHECK(f.imports.change(running, ImportAction::cancel).changed);
    CHECK(f.import({file(1, "One.jpg")}).key.base_id == 0);
}
