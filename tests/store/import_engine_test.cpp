// SPDX-License-Identifier: GPL-2.0-or-later
// The engine of imports with a kind made for the tests, which counts to a number in chunks and
// fails where it is told to: every number is counted once, whatever goes wrong on the way.
#include "database.hpp"
#include "imports/engine.hpp"
#include "store/imports/import_store.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

using namespace runner;
using namespace runner::imports;
using namespace std::chrono_literals;
using tests::Database;

namespace {

/// What the tests tell the kind, and what it tells them. One test runs at a time.
struct Script {
    std::mutex mutex;
    std::condition_variable interrupted;
    std::uint64_t last = 1'000;      ///< counts from 1 to this
    std::uint32_t bears = 1'000'000; ///< larger chunks are too much
    int away = 0;                    ///< so many calls find the source away
    bool hopeless = false, broken = false, hangs = false;
    bool stop_waiting = false;
    std::vector<std::uint64_t> bad;   ///< numbers that are problems
    std::vector<std::uint32_t> sizes; ///< asked for
    std::uint64_t made = 0;           ///< importers
};
Script* script = nullptr;

class Counting final : public Importer {
public:
    Chunk next(const store::ImportLease& lease, std::uint32_t size) override {
        std::unique_lock lock(script->mutex);
        script->sizes.push_back(size);
        if (script->hangs) {
            script->interrupted.wait(lock, [] { return script->stop_waiting; });
            throw base::UnavailableError("interrupted");
        }
        if (script->hopeless)
            throw Hopeless("no_hope", "there is no hope");
        if (script->broken)
            throw std::runtime_error("a bug");
        if (script->away > 0 && script->away-- > 0)
            throw base::UnavailableError("the source is away");
        if (size > script->bears)
            throw TooMuch("that took too long");
        Chunk chunk;
        const std::uint64_t from = lease.cursor ? std::stoull(*lease.cursor) : 0;
        const std::uint64_t to = std::min(script->last, from + size);
        for (std::uint64_t n = from + 1; n <= to; ++n) {
            if (std::count(script->bad.begin(), script->bad.end(), n) > 0)
                chunk.problems.push_back({0, "bad", std::to_string(n), "it is bad", true, {}});
            else
                ++chunk.done;
        }
        chunk.counts["counted"] = static_cast<std::int64_t>(to - from);
        chunk.cursor = std::to_string(to);
        chunk.total = store::ImportTotal{script->last, true};
        chunk.last = to == script->last;
        return chunk;
    }
    Chunk retry(const store::ImportLease&,
                std::span<const store::ImportProblem> problems) override {
        const std::lock_guard lock(script->mutex);
        Chunk chunk;
        for (const auto& problem : problems) {
            if (std::count(script->bad.begin(), script->bad.end(), std::stoull(problem.item)) > 0)
                chunk.problems.push_back(problem);
            else
                ++chunk.done;
        }
        return chunk;
    }
    void interrupt() noexcept override {
        {
            const std::lock_guard lock(script->mutex);
            script->stop_waiting = true;
        }
        script->interrupted.notify_all();
    }
};

constexpr std::array<ImportKind, 1> kinds{
    ImportKind{"counting", "Counts.", "numbers",
               [](std::string_view, const config::Settings&, const config::WikiSettings&,
                  store::NewImport&) {},
               [](const Context&, const store::ImportLease&) -> std::unique_ptr<Importer> {
                   const std::lock_guard lock(script->mutex);
                   ++script->made;
                   return std::make_unique<Counting>();
               }}};

config::Settings make_settings() {
    config::Settings settings;
    settings.imports.poll_interval = 10ms;
    settings.imports.backoff_base = 1ms;
    settings.imports.backoff_max = 5ms;
    settings.imports.lease = 1s;
    settings.imports.max_attempts = 4;
    settings.wikis.emplace_back().id = "testwiki";
    return settings;
}

struct Fixture {
    Fixture() { script = &orders; }
    std::unique_ptr<Engine> engine(const char* worker = "w") {
        return std::make_unique<Engine>(EngineOptions{database.options(), worker, kinds}, settings,
                                        pool);
    }
    std::uint64_t create(const std::string& subject = "to 1000") {
        return imports.create({"testwiki", "counting", subject, "{}", {{"counted", 0}}}).id;
    }
    store::ImportRow wait(std::uint64_t id,
                          const std::function<bool(const store::ImportRow&)>& until) {
        const auto deadline = std::chrono::steady_clock::now() + 30s;
        for (;;) {
            const auto row = imports.get(id).value();
            if (until(row))
                return row;
            if (std::chrono::steady_clock::now() > deadline) {
                FAIL("import " << id << " is " << row.status << ": " << row.error);
            }
            std::this_thread::sleep_for(5ms);
        }
    }
    store::ImportRow finish(std::uint64_t id) {
        return wait(id, [](const store::ImportRow& row) {
            return row.status == "complete" || row.status == "failed";
        });
    }
    Script orders;
    const Database database;
    config::Settings settings = make_settings();
    store::Session session{database.options()};
    store::SessionPool pool{database.options(), 2};
    store::ImportStore imports{session};
};

} // namespace

TEST_CASE("engine: an import is counted through, in chunks that grow") {
    Fixture f;
    f.orders.last = 20'000;
    f.orders.bad = {3, 700, 20'000};
    const auto engine = f.engine();
    const auto row = f.finish(f.create());
    CHECK(row.status == "complete");
    CHECK(row.done == 19'997);
    CHECK(row.failed == 3);
    CHECK(row.counts == R"({"counted":20000})");
    CHECK(f.orders.sizes.front() == 500);
    CHECK(f.orders.sizes.back() == 5'000);
    // counted after the commit that completes the row
    (void)f.wait(row.id, [&](const auto&) { return engine->counts().things == 19'997; });
    CHECK(f.orders.made == 1);
}

TEST_CASE("engine: what is too much is halved, and nothing is lost") {
    Fixture f;
    f.orders.bears = 100;
    const auto engine = f.engine();
    const auto row = f.finish(f.create());
    CHECK(row.status == "complete");
    CHECK(row.done == 1'000);
    CHECK(f.orders.sizes[0] == 500);
    CHECK(f.orders.sizes[1] == 250);
    CHECK(row.chunk_size <= 100 + 50);
}

TEST_CASE("engine: a source that bears nothing at all is abandoned after some attempts") {
    Fixture f;
    f.orders.bears = 0;
    const auto engine = f.engine();
    const auto row = f.finish(f.create());
    CHECK(row.status == "failed");
    CHECK(row.error_code == "timeout");
    CHECK(row.attempts == 4);
}

TEST_CASE("engine: a source that is away is waited for, with a new importer each time") {
    Fixture f;
    f.orders.away = 3;
    const auto engine = f.engine();
    const auto row = f.finish(f.create());
    CHECK(row.status == "complete");
    CHECK(row.done == 1'000);
    CHECK(f.orders.made == 4);
    CHECK(engine->counts().failures == 3);
}

TEST_CASE("engine: errors of the database cost an import no attempt") {
    Fixture f;
    f.orders.bad = {3};
    f.database.rows("CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql "
                    "AS 'BEGIN RAISE USING ERRCODE = ''53100''; END'; "
                    "CREATE TRIGGER full_disk BEFORE INSERT ON constraint_runner.import_problem "
                    "FOR EACH ROW EXECUTE FUNCTION full_disk()");
    const auto engine = f.engine();
    const auto id = f.create();
    const auto row = f.wait(id, [&](const auto& r) {
        return r.status == "failed" || engine->counts().failures > f.settings.imports.max_attempts;
    });
    CHECK(row.status != "failed");
    CHECK(row.attempts == 0);
    CHECK(row.done == 0);
    CHECK(row.error_code == "database");
    CHECK_THAT(row.error, Catch::Contains("no disk space left"));
    f.database.rows("DROP TRIGGER full_disk ON constraint_runner.import_problem");
    const auto done = f.finish(id);
    CHECK(done.status == "complete");
    CHECK(done.done == 999);
    CHECK(done.failed == 1);
}

TEST_CASE("engine: no hope ends an import at once, a bug after some attempts; retry continues") {
    Fixture f;
    f.orders.hopeless = true;
    const auto engine = f.engine();
    const auto id = f.create();
    auto row = f.finish(id);
    CHECK(row.error_code == "no_hope");
    CHECK(row.error == "there is no hope");
    CHECK(row.attempts == 1);
    {
        const std::lock_guard lock(f.orders.mutex);
        f.orders.hopeless = false;
        f.orders.broken = true;
    }
    CHECK(f.imports.change(id, store::ImportAction::retry).changed);
    engine->wake();
    row = f.finish(id);
    CHECK(row.status == "failed");
    CHECK(row.error == "a bug");
    {
        const std::lock_guard lock(f.orders.mutex);
        f.orders.broken = false;
    }
    CHECK(f.imports.change(id, store::ImportAction::retry).changed);
    CHECK(f.finish(id).done == 1'000);
}

TEST_CASE("engine: problems that are retried are gone when it helped") {
    Fixture f;
    f.orders.bad = {10, 20, 30};
    const auto engine = f.engine();
    const auto id = f.create();
    CHECK(f.finish(id).failed == 3);
    {
        const std::lock_guard lock(f.orders.mutex);
        f.orders.bad = {20};
    }
    CHECK(f.imports.change(id, store::ImportAction::retry).changed);
    engine->wake();
    const auto row = f.wait(id, [](const auto& r) { return r.status == "complete"; });
    CHECK(row.failed == 1);
    CHECK(row.done == 999);
    CHECK(f.imports.problems(id, 10)->at(0).item == "20");
}

TEST_CASE("engine: ends although a source hangs, and gives the import back at once") {
    Fixture f;
    f.orders.hangs = true;
    auto engine = f.engine();
    const auto id = f.create();
    f.wait(id, [](const auto& row) { return row.status == "running"; });
    engine.reset();
    CHECK(f.imports.get(id)->attempts == 0);
    {
        const std::lock_guard lock(f.orders.mutex);
        f.orders.hangs = false;
    }
    engine = f.engine("another");
    CHECK(f.finish(id).done == 1'000);
}

TEST_CASE("engine: two runners on one database count everything once") {
    Fixture f;
    f.settings.imports.max_chunk = 50;
    const auto one = f.engine("one");
    const auto two = f.engine("two");
    std::vector<std::uint64_t> ids;
    for (int i = 0; i < 6; ++i)
        ids.push_back(f.create("subject " + std::to_string(i)));
    for (const auto id : ids) {
        const auto row = f.finish(id);
        CHECK(row.done == 1'000);
        CHECK(row.counts == R"({"counted":1000})");
    }
    CHECK(one->counts().things + two->counts().things == 6'000);
}
