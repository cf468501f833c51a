// SPDX-License-Identifier: GPL-2.0-or-later
// What the database itself writes when an import changes its status: an event in the stream, and a
// delivery for each address that is to be told of its end. And what one client may have.
#include "database.hpp"
#include "store/imports/import_delivery.hpp"
#include "store/imports/import_store.hpp"
#include "store/lists/event_store.hpp"

#include <catch2/catch.hpp>
#include <pqxx/pqxx>

#include <algorithm>
#include <set>
#include <thread>

using namespace runner;
using namespace std::chrono_literals;
using store::EventKind;
using store::ImportAction;
using store::ImportRefusal;
using tests::Database;
using Rows = std::vector<std::string>;

namespace {

const Rows wikis{"commonswiki", "otherwiki"};
const Rows kinds{"category", "files"};

store::NewImport asked(std::string subject, std::string notify = {}, std::string owner = {}) {
    store::NewImport made{"commonswiki",
                          "category",
                          std::move(subject),
                          R"({"categories":["A"]})",
                          {{"files_imported", 0}}};
    made.notify = std::move(notify);
    made.owner = std::move(owner);
    return made;
}

struct Fixture {
    const Database database;
    store::Session session{database.options()};
    store::ImportStore imports{session};
    store::ImportDeliveryStore deliveries{session};
    store::EventStore events{session};

    store::ImportLease lease() {
        auto taken = imports.lease("w", wikis, kinds, 60s);
        REQUIRE(taken);
        return *taken;
    }
    void complete(store::ImportLease held, std::uint64_t done = 0) {
        store::ImportStep step;
        step.complete = true;
        step.done = done;
        held.counts["files_imported"] = static_cast<std::int64_t>(done);
        CHECK(imports.save(held, step));
    }
    Rows told() const {
        return database.rows("SELECT entity, import->>'previous_status', import->>'status' "
                             "FROM constraint_runner.event WHERE import IS NOT NULL "
                             "ORDER BY transaction, id");
    }
    Rows open() const {
        return database.rows("SELECT import_id, url FROM constraint_runner.import_delivery "
                             "WHERE delivered_at IS NULL AND given_up_at IS NULL "
                             "ORDER BY number");
    }
    /// The state once nothing runs any more.
    store::EventState settled() {
        const auto deadline = std::chrono::steady_clock::now() + 30s;
        for (;;) {
            auto state = events.state();
            if (state.end.transaction == state.next_transaction ||
                std::chrono::steady_clock::now() > deadline)
                return state;
            std::this_thread::sleep_for(10ms);
        }
    }
};

} // namespace

TEST_CASE("each change of an import's status is an event, and its progress is none") {
    Fixture f;
    const auto id = f.imports.create(asked("A")).id;
    auto held = f.lease();
    store::ImportStep step;
    step.done = 3;
    CHECK(f.imports.save(held, step));
    f.imports.release(held, 0ms, "");
    held = f.lease();
    f.imports.fail(held, "unavailable", "it is \"away\"", 0ms);
    held = f.lease();
    CHECK(f.imports.save(held, step));
    CHECK(f.imports.change(id, ImportAction::pause).changed);
    CHECK(f.imports.change(id, ImportAction::resume).changed);
    f.imports.fail(f.lease(), "no_such_category", "gone", {});
    CHECK(f.imports.change(id, ImportAction::retry).changed);
    f.complete(f.lease(), 4);
    CHECK_FALSE(f.imports.change(id, ImportAction::cancel).changed);
    const std::string name = "import/" + std::to_string(id);
    CHECK(f.told() ==
          Rows{name + "|NULL|queued", name + "|queued|running", name + "|running|waiting",
               name + "|waiting|running", name + "|running|paused", name + "|paused|running",
               name + "|running|failed", name + "|failed|running", name + "|running|complete"});
    const auto end = f.settled().end;
    const auto read = f.events.read({}, end, "", 100, EventKind::import);
    REQUIRE(read.events.size() == 9);
    const store::Event& waiting = read.events[2];
    CHECK(waiting.kind() == EventKind::import);
    CHECK(waiting.wiki == "commonswiki");
    CHECK_THAT(
        waiting.import,
        Catch::Contains(R"("error":{"code" : "unavailable", "message" : "it is \"away\""})"));
    CHECK_THAT(
        read.events.back().import,
        Catch::StartsWith("{\"job_id\":" + std::to_string(id) +
                          R"(,"import_method":"category","label":null,"owner":null,)"
                          R"("status":"complete","previous_status":"running")") &&
            Catch::Contains(R"("done":10,"failed":0,"counts":{"files_imported":4},"error":null)"));
}

TEST_CASE("an event of an import comes and goes with the transaction that changes its status") {
    Fixture f;
    const auto id = std::to_string(f.imports.create(asked("A", "https://a.example/")).id);
    pqxx::connection connection(f.database.options().conninfo);
    {
        pqxx::work work(connection);
        work.exec("UPDATE constraint_runner.import SET state = 'cancelled' WHERE id = " + id);
        CHECK(work.exec("SELECT FROM constraint_runner.event WHERE import IS NOT NULL").size() ==
              2);
        CHECK(work.exec("SELECT FROM constraint_runner.import_delivery").size() == 1);
    } // rolled back, as when the runner or the server is killed
    CHECK(f.told() == Rows{"import/" + id + "|NULL|queued"});
    CHECK(f.open().empty());
}

TEST_CASE("events of imports and of results are one stream, read by kind") {
    Fixture f;
    const auto id = f.imports.create(asked("A")).id;
    auto outcomes = store::ResultStore(f.session).store(std::vector<store::Completed>{
        tests::completed(tests::result("Q1", 1, {tests::violation("s", "c")}), 1, "commonswiki")});
    REQUIRE(outcomes.front().result == store::StoreState::stored);
    CHECK(f.imports.change(id, ImportAction::cancel).changed);
    const auto end = f.settled().end;
    CHECK(f.events.read({}, end, "", 100).events.size() == 3);
    const auto results = f.events.read({}, end, "", 100, EventKind::result);
    REQUIRE(results.events.size() == 1);
    CHECK(results.events[0].entity == "Q1");
    CHECK(results.events[0].kind() == EventKind::result);
    const auto imports = f.events.read({}, end, "", 1, EventKind::import);
    REQUIRE(imports.events.size() == 1);
    CHECK_FALSE(imports.all);
    CHECK(f.events.read(imports.events[0].place, end, "commonswiki", 100, EventKind::import)
              .events.size() == 1);
    CHECK(f.events.read({}, end, "otherwiki", 100, EventKind::import).events.empty());
    CHECK(f.events.latest_appeared(2, 10).size() == 1);
    // they grow old together
    f.database.rows(
        "UPDATE constraint_runner.event SET created_at = created_at - interval '2 days'");
    CHECK(f.events.remove_older(24h, 100).count == 3);
    CHECK(f.events.state().horizon > imports.events[0].place);
}

TEST_CASE("nothing is read past a change of an import that is not committed") {
    Fixture f;
    const auto first = f.imports.create(asked("A")).id;
    const auto second = f.imports.create(asked("B")).id;
    pqxx::connection connection(f.database.options().conninfo);
    pqxx::work slow(connection);
    slow.exec("UPDATE constraint_runner.import SET state = 'cancelled' WHERE id = " +
              std::to_string(first));
    CHECK(f.imports.change(second, ImportAction::cancel).changed); // a later place, committed first
    const auto before = f.events.read({}, f.events.state().end, "", 100, EventKind::import);
    CHECK(before.events.size() == 2);
    slow.commit();
    CHECK(f.events.read(before.events.back().place, f.settled().end, "", 100, EventKind::import)
              .events.size() == 2);
}

TEST_CASE("each end of an import is to be told to its addresses, once each") {
    Fixture f;
    const auto id = f.imports.create(asked("A", "https://a.example/hook?secret")).id;
    const auto again = f.imports.create(asked("A", "https://b.example/"));
    CHECK((again.id == id && !again.is_new));
    CHECK(f.imports.create(asked("A", "https://b.example/")).id == id);
    CHECK(f.open().empty());
    CHECK(f.imports.get(id)->notify.find("secret") == std::string::npos);
    CHECK_THAT(f.imports.get(id)->notify, Catch::Contains(R"("url": "https://a.example")"));
    f.imports.fail(f.lease(), "no_such_category", "gone", {});
    const std::string number = std::to_string(id);
    CHECK(f.open() ==
          Rows{number + "|https://a.example/hook?secret", number + "|https://b.example/"});
    // it goes on, and still what is told is how it was at its end
    CHECK(f.imports.change(id, ImportAction::retry).changed);
    const auto taken = f.deliveries.take(10, 60s);
    REQUIRE(taken.size() == 2);
    CHECK(taken[0].import.status == "failed");
    CHECK(taken[0].import.error_code == "no_such_category");
    CHECK(taken[0].import.id == id);
    CHECK(taken[0].import.counts.find("files_imported") != std::string::npos);
    CHECK_FALSE(taken[0].import.ended_at.empty());
    CHECK(taken[0].attempts == 1);
    CHECK(taken[0].id != taken[1].id);
    CHECK(taken[0].id.size() == 36);
    f.complete(f.lease());
    CHECK(f.open().size() == 4);
}

TEST_CASE("an address that is given while the import ends is told") {
    Fixture f;
    const auto id = f.imports.create(asked("A")).id;
    pqxx::connection connection(f.database.options().conninfo);
    std::thread asks;
    store::ImportAccepted answer;
    {
        pqxx::work ends(connection);
        ends.exec("UPDATE constraint_runner.import SET state = 'complete', ended_at = now() "
                  "WHERE id = " +
                  std::to_string(id));
        asks = std::thread([&] {
            store::Session other(f.database.options());
            answer = store::ImportStore(other).create(asked("A", "https://a.example/"));
        });
        const auto deadline = std::chrono::steady_clock::now() + 30s;
        while (f.database.one("SELECT count(*) FROM pg_locks WHERE NOT granted") == "0" &&
               std::chrono::steady_clock::now() < deadline)
            std::this_thread::sleep_for(5ms);
        ends.commit();
    }
    asks.join();
    CHECK(answer.is_new); // the one that ended can't tell it any more
    CHECK(answer.id != id);
    CHECK(f.imports.change(answer.id, ImportAction::cancel).changed);
    CHECK(f.open() == Rows{std::to_string(answer.id) + "|https://a.example/"});
}

TEST_CASE("what is to be told is open until it is crossed off, whoever took it") {
    Fixture f;
    const auto id = f.imports.create(asked("A", "https://a.example/")).id;
    CHECK(f.imports.change(id, ImportAction::cancel).changed);
    store::Session other(f.database.options());
    store::ImportDeliveryStore elsewhere(other);
    const auto first = f.deliveries.take(10, 60s);
    REQUIRE(first.size() == 1);
    CHECK(elsewhere.take(10, 60s).empty()); // two runners do not send the same
    // the one that took it is killed: it is due again
    f.database.rows("UPDATE constraint_runner.import_delivery SET due_at = now()");
    const auto second = elsewhere.take(10, 60s);
    REQUIRE(second.size() == 1);
    CHECK(second[0].id == first[0].id);
    CHECK(second[0].attempts == 2);
    // or it was only slow, and comes back without an answer: that does not count any more
    CHECK_FALSE(f.deliveries.failed(first[0], "slow", 0ms, 24h));
    CHECK(f.deliveries.take(10, 60s).empty());
    CHECK_FALSE(elsewhere.failed(second[0], "it answered with status 500", 0ms, 24h));
    CHECK_THAT(f.imports.get(id)->notify,
               Catch::Contains(R"("error": "it answered with status 500")") &&
                   Catch::Contains(R"("attempts": 2)") && Catch::Contains(R"("next_attempt": "2)"));
    const auto third = f.deliveries.take(10, 60s);
    REQUIRE(third.size() == 1);
    f.deliveries.delivered(third[0]);
    CHECK(f.open().empty());
    CHECK_THAT(f.imports.get(id)->notify, Catch::Contains(R"("delivered_at": "2)") &&
                                              Catch::Contains(R"("next_attempt": null)"));
}

TEST_CASE("an address is given up after a time, and its import is kept until then") {
    Fixture f;
    const auto id = f.imports.create(asked("A", "https://a.example/")).id;
    CHECK(f.imports.change(id, ImportAction::cancel).changed);
    f.imports.forget(0ms);
    CHECK(f.imports.get(id));
    auto taken = f.deliveries.take(10, 60s);
    CHECK_FALSE(f.deliveries.failed(taken.at(0), "away", 0ms, 1h));
    taken = f.deliveries.take(10, 60s);
    CHECK(f.deliveries.failed(taken.at(0), "away", 2h, 1h)); // the next attempt would be too late
    CHECK(f.open().empty());
    CHECK_THAT(f.imports.get(id)->notify, Catch::Contains(R"("given_up_at": "2)"));
    f.imports.forget(0ms);
    CHECK_FALSE(f.imports.get(id));
}

TEST_CASE("addresses with few attempts are told first, and one import has not too many") {
    Fixture f;
    const auto old = f.imports.create(asked("A", "https://old.example/")).id;
    CHECK(f.imports.change(old, ImportAction::cancel).changed);
    CHECK_FALSE(f.deliveries.failed(f.deliveries.take(1, 60s).at(0), "away", 0ms, 1h));
    const auto id = f.imports.create(asked("B", "https://0.example/")).id;
    for (std::uint32_t i = 1; i < store::most_notify; ++i)
        CHECK(f.imports.create(asked("B", "https://" + std::to_string(i) + ".example/")).refusal ==
              ImportRefusal::none);
    const auto more = f.imports.create(asked("B", "https://more.example/"));
    CHECK((more.refusal == ImportRefusal::notify && more.id == id));
    CHECK(f.imports.create(asked("B", "https://0.example/")).refusal == ImportRefusal::none);
    CHECK(f.imports.change(id, ImportAction::cancel).changed);
    CHECK(f.open().size() == store::most_notify + 1);
    CHECK(f.deliveries.take(1, 60s).at(0).import.id == id);
}

TEST_CASE("imports have an owner, and a client has no more under way than it may") {
    Fixture f;
    const store::ImportLimits limits{2, 0};
    const auto create = [&](const char* subject, const char* owner) {
        return f.imports.create(asked(subject, {}, owner), limits);
    };
    const auto a = create("A", "one");
    CHECK(create("B", "one").is_new);
    CHECK(f.imports.get(a.id)->owner == "one");
    CHECK(f.lease().owner == "one");
    const auto third = create("C", "one");
    CHECK(third.refusal == ImportRefusal::running);
    CHECK((third.id == 0 && third.has == 2));
    CHECK(create("A", "one").id == a.id); // it is there already
    CHECK(create("A", "two").id == a.id); // and stays the first one's
    CHECK(create("C", "two").is_new);     // others have a limit of their own
    CHECK(create("D", "").is_new);        // nobody knows whose
    CHECK(f.imports.change(a.id, ImportAction::pause).changed);
    CHECK(create("E", "one").refusal == ImportRefusal::running); // else resuming would go round it
    CHECK(f.imports.change(a.id, ImportAction::cancel).changed);
    CHECK(create("E", "one").is_new);
    const auto retry = f.imports.change(a.id, ImportAction::retry, limits);
    CHECK((retry.found && !retry.changed && retry.over_limit == 2));
    CHECK(retry.status == "cancelled");
    CHECK(f.imports.list("", "", 10, 0, "", "one").size() == 3);
    CHECK(f.imports.list("", "cancelled", 10, 0, "", "one").size() == 1);
    CHECK(f.imports.list("", "", 10, 0, "", "nobody").empty());
}

TEST_CASE("requests of one client that come at once do not all find room") {
    Fixture f;
    std::vector<std::thread> clients;
    std::atomic<int> taken{0};
    for (int i = 0; i < 8; ++i)
        clients.emplace_back([&, i] {
            store::Session session(f.database.options());
            const auto answer = store::ImportStore(session).create(
                asked("S" + std::to_string(i), {}, "one"), {3, 0});
            taken += answer.is_new ? 1 : 0;
        });
    for (std::thread& client : clients)
        client.join();
    CHECK(taken == 3);
}

TEST_CASE("a client has no more files of Commons than it may") {
    Fixture f;
    const store::ImportLimits limits{0, 10};
    auto list = asked("L", {}, "one");
    list.kind = "files";
    list.items = Rows(11, "A.jpg");
    auto answer = f.imports.create(list, limits);
    CHECK(answer.refusal == ImportRefusal::files);
    list.items.pop_back();
    const auto id = f.imports.create(list, limits).id;
    CHECK(id != 0);
    f.complete(f.lease(), 10);
    CHECK(f.imports.files_of("one") == 10);
    CHECK(f.imports.files_of("two") == 0);
    answer = f.imports.create(asked("A", {}, "one"), limits);
    CHECK((answer.refusal == ImportRefusal::files && answer.has == 10));
    auto dump = asked("D", {}, "one");
    dump.kind = "dump";
    CHECK(f.imports.create(dump, limits).is_new); // has no files of Commons
    CHECK(f.imports.delete_data(id).changed);
    CHECK(f.imports.create(asked("A", {}, "one"), limits).is_new);
}

TEST_CASE("of each address one is told at a time, and of each host a few") {
    Fixture f;
    const auto end = [&](const std::string& subject, const std::string& url) {
        const auto id = f.imports.create(asked(subject, url)).id;
        CHECK(f.imports.change(id, ImportAction::cancel).changed);
    };
    for (int i = 0; i < 3; ++i)
        end("same " + std::to_string(i), "https://one.example/hook");
    for (int i = 0; i < 10; ++i)
        end("host " + std::to_string(i), "https://many.example:8443/" + std::to_string(i));
    store::DeliveriesInHand in_hand;
    const auto taken = f.deliveries.take(100, 60s, in_hand);
    CHECK(taken.size() == 1 + store::DeliveriesInHand::most_of_host);
    for (const auto& delivery : taken)
        in_hand.add(delivery);
    CHECK(in_hand.hosts["many.example:8443"] == store::DeliveriesInHand::most_of_host);
    CHECK(f.deliveries.take(100, 60s, in_hand).empty());
    for (const auto& delivery : taken) {
        f.deliveries.delivered(delivery);
        in_hand.remove(delivery);
        const auto next = f.deliveries.take(100, 60s, in_hand);
        REQUIRE(next.size() == 1);
        in_hand.add(next[0]);
    }
}
