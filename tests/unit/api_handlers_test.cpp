// SPDX-License-Identifier: GPL-2.0-or-later
// The handlers with a fake runner behind them: what is passed on, and how errors become statuses.
#include "api/control_handlers.hpp"
#include "api/handlers.hpp"
#include "queue/acceptor.hpp"
#include "store/common/session.hpp"

#include <catch2/catch.hpp>

#include <memory>

using namespace runner;
using namespace runner::api;

namespace {

struct FakeBackend final : Backend {
    std::exception_ptr failure;
    std::vector<store::NewJob> jobs;
    std::optional<store::ResultRow> row;
    std::vector<std::string> trouble;
    std::vector<std::string> worries;

    template <class T>
    void give(const Reply<T>& reply, T value) {
        reply(failure ? T{} : std::move(value), failure);
    }
    bool knows_wiki(std::string_view wiki) const override { return wiki == "w"; }
    void submit(std::vector<store::NewJob> submitted, Reply<store::Accepted> reply) override {
        jobs = std::move(submitted);
        give(reply, store::Accepted{jobs.size(), 0});
    }
    void check(CheckRequest, Reply<store::ResultRow> reply) override {
        give(reply, row.value_or(store::ResultRow{}));
    }
    /// There is no database: what gets so far was understood.
    void read(std::function<Response(store::Session&)> ask, Reply<Response> reply) override {
        store::DatabaseOptions nowhere;
        nowhere.conninfo = "host=/nonexistent-folder";
        store::Session session(nowhere);
        try {
            reply(ask(session), nullptr);
        } catch (...) {
            reply({}, std::current_exception());
        }
    }
    void reset(std::string, entity::EntityId entity, Reply<bool> reply) override {
        asked_reset = entity;
        give(reply, true);
    }
    std::optional<entity::EntityId> asked_reset;
    void retry_dead(DeadRetryRequest, Reply<std::uint64_t> reply) override {
        give(reply, std::uint64_t{2});
    }
    std::vector<std::string> problems() const override { return trouble; }
    std::vector<std::string> warnings() const override { return worries; }
    void metrics(Reply<std::string> reply) override { give(reply, std::string("m 1\n")); }
    void status_page(Reply<std::string> reply) override { give(reply, std::string("<p>")); }
};

struct FakeControl final : ControlBackend {
    std::string wiki = "-", reason;
    store::NewPriority wanted;
    std::exception_ptr failure;
    std::vector<store::Pause> pauses{{"", "2026-12-01T10:00:00Z", "all"},
                                     {"w", "2026-12-01T11:00:00Z", "it \"moves\""},
                                     {"x", "2026-12-01T12:00:00Z", ""}};

    void pause(std::string of, std::string why, Reply<std::vector<store::Pause>> reply) override {
        wiki = std::move(of);
        reason = std::move(why);
        reply(pauses, failure);
    }
    void resume(std::string of, Reply<std::vector<store::Pause>> reply) override {
        wiki = std::move(of);
        reply({}, nullptr);
    }
    void reprioritise(store::NewPriority priority, Reply<std::uint64_t> reply) override {
        wanted = std::move(priority);
        reply(7, nullptr);
    }
    void reload(Reply<Reloaded> reply) override {
        reply({{"log.level"}, {"workers.threads"}, {"new"}}, nullptr);
    }
    void drain(Reply<bool> reply) override { reply(true, nullptr); }
};

struct Fixture {
    Fixture() {
        add_routes(router, backend, limits);
        add_control_routes(router, backend, control);
    }
    Response ask(std::string method, std::string path, std::string body = {}) {
        Response got;
        Request request;
        request.method = std::move(method);
        request.path = path.substr(0, path.find('?'));
        for (std::size_t at = path.find('?'); at != std::string::npos;) {
            const std::size_t begin = at + 1;
            at = path.find('&', begin);
            const std::string part = path.substr(begin, at - begin);
            request.query.emplace_back(part.substr(0, part.find('=')),
                                       part.substr(part.find('=') + 1));
        }
        request.body = std::move(body);
        request.token = token;
        router.handle(std::move(request), Responder([&](Response&& r) { got = std::move(r); }));
        return got;
    }
    FakeBackend backend;
    FakeControl control;
    std::shared_ptr<const Client> token;
    HandlerLimits limits;
    Router router;
};

} // namespace

TEST_CASE("api handlers: jobs are passed on with documents and priorities") {
    Fixture f;
    const Response answer =
        f.ask("POST", "/v1/jobs",
              R"({"wiki":"w","jobs":[{"type":"check","entity":"Q1","document":{"id":"Q1"}},)"
              R"({"type":"check","entity":"Q2","priority":"low","revision":4}]})");
    CHECK(answer.status == 202);
    CHECK(answer.body == "{\"accepted\":2,\"coalesced\":0}\n");
    REQUIRE(f.backend.jobs.size() == 2);
    CHECK(*f.backend.jobs[0].document == R"({"id":"Q1"})");
    CHECK(f.backend.jobs[1].priority < f.backend.jobs[0].priority);
    CHECK(f.backend.jobs[1].revision == 4);
    CHECK_FALSE(f.backend.jobs[1].document);
    CHECK(f.ask("POST", "/v1/jobs", R"({"wiki":"x","jobs":[]})").status == 404);
}

TEST_CASE("api handlers: errors of the runner become statuses") {
    Fixture f;
    const std::string body = R"({"wiki":"w","jobs":[]})";
    const auto failing = [&](auto error) {
        f.backend.failure = std::make_exception_ptr(error);
        return f.ask("POST", "/v1/jobs", body);
    };
    const Response full = failing(queue::QueueFull("no room", std::chrono::seconds(7)));
    CHECK(full.status == 503);
    CHECK(full.headers.at(0) == std::pair<std::string, std::string>("Retry-After", "7"));
    CHECK_THAT(full.body, Catch::Contains("queue_full"));
    CHECK(failing(base::UnavailableError("away")).status == 503);
    CHECK(failing(base::DataError("bad")).status == 400);
    CHECK(failing(ApiError{504, "deadline", "late", {}}).status == 504);
    const Response bug = failing(std::runtime_error("secret"));
    CHECK(bug.status == 500);
    CHECK(bug.body.find("secret") == std::string::npos);
}

TEST_CASE("api handlers: a filter of violations that makes no sense is named") {
    Fixture f;
    CHECK(f.ask("GET", "/v1/violations?wiki=x").status == 404);
    for (const std::string field :
         {"entity=Q0", "entity='", "property=Q5", "type=P5", "class=L5", "direct=1",
          "status=compliance", "status=odd", "after=Q5", "after=a|b|c|d", "after=\x01||",
          "after=\xff||", "limit=0", "limit=1001"}) {
        const auto answer = f.ask("GET", "/v1/violations?wiki=w&" + field);
        CHECK(answer.status == 400);
        CHECK_THAT(answer.body, Catch::Contains('"' + field.substr(0, field.find('=')) + '"'));
    }
    const auto answer = f.ask("GET", "/v1/violations");
    CHECK(answer.status == 400);
    CHECK_THAT(answer.body, Catch::Contains("wiki: must be given"));
}

TEST_CASE("api handlers: what is asked of the store is checked before") {
    Fixture f;
    for (const char* good :
         {"/v1/queue", "/v1/results/w/l1-f2", "/v1/dead", "/v1/dead?wiki=w&limit=1&after=w|Q5",
          "/v1/incomplete?format=csv&after=w|Q5", "/v1/parity?wiki=w&limit=1&after=P7$a|w|Q5",
          "/v1/violations?wiki=w&entity=l1-f2&property=p7&type=q1&status=bad-parameters&class=Q6&"
          "direct=true&after=Q5|Q5$a|P7$b",
          "/v1/import?wiki=w&status=paused&label=a&owner=b&before=7&limit=1&format=ndjson",
          "/v1/import/7/problems?after=7", "/v1/import/7/items?outcome=twice&replaced=false"}) {
        CAPTURE(good);
        CHECK(f.ask("GET", good).status == 503);
    }
    for (const char* bad :
         {"/v1/results/w/Q0", "/v1/results/w/E5", "/v1/dead?after=Q5", "/v1/dead?after=w|x",
          "/v1/dead?limit=0", "/v1/parity?after=w|Q5", "/v1/dead?format=xml",
          "/v1/import?status=over", "/v1/import?before=x", "/v1/import/x/problems",
          "/v1/import/7/problems?after=-1", "/v1/import/7/items?outcome=lost",
          "/v1/import/7/items?replaced=maybe"}) {
        CAPTURE(bad);
        CHECK(f.ask("GET", bad).status == 400);
    }
    CHECK(f.ask("GET", "/v1/results/x/Q5").status == 404);
    CHECK(f.ask("GET", "/v1/dead?wiki=x").status == 404);
}

TEST_CASE("api handlers: an unknown parameter is refused wherever it is, one given twice and an "
          "empty one") {
    Fixture f;
    const auto message = [&](const std::string& path) {
        const Response answer = f.ask("GET", path);
        CHECK(answer.status == 400);
        return answer.body;
    };
    CHECK_THAT(message("/v1/violations?wiki=w&propert=P5"),
               Catch::Contains("wiki, entity, property, type, status, class, direct, sentences") &&
                   Catch::Contains(R"("field":"propert")"));
    CHECK_THAT(message("/v1/queue?wiki=w"), Catch::Contains("takes none"));
    for (const std::string& route : f.router.routes()) {
        const std::size_t space = route.find(' ');
        const auto answer = f.ask(route.substr(0, space), route.substr(space + 1) + "?no_such=1");
        CHECK(answer.status == 400);
        CHECK_THAT(answer.body, Catch::Contains(R"("field":"no_such")"));
    }
    CHECK_THAT(message("/v1/dead?limit=1&limit=2"), Catch::Contains("given twice"));
    CHECK_THAT(message("/v1/violations?wiki=w&property="),
               Catch::Contains("is empty") && Catch::Contains(R"("field":"property")"));
    CHECK_THAT(message("/v1/dead?after="), Catch::Contains(R"("field":"after")"));
    CHECK(f.ask("POST", "/v1/jobs?x=1", "{}").status == 400);
    CHECK(f.ask("GET", "/healthz?x").status == 400);
}

TEST_CASE("api handlers: a client of a wiki learns nothing of others") {
    Fixture f;
    f.token = std::make_shared<const Client>(Client{"t", {"w"}});
    CHECK(f.ask("GET", "/v1/dead").status == 503); // of its own wiki
    CHECK(f.ask("GET", "/v1/dead?wiki=x").status == 404);
    CHECK(f.ask("GET", "/v1/violations").status == 503); // which needs no name
    CHECK(f.ask("GET", "/metrics").status == 403);
    CHECK(f.ask("GET", "/").status == 403);
    f.backend.trouble = {"wiki x is away"};
    CHECK_THAT(f.ask("GET", "/readyz").body, !Catch::Contains("wiki x"));
    f.token = std::make_shared<const Client>(Client{"t", {"other"}});
    CHECK(f.ask("POST", "/v1/jobs", R"({"wiki":"w","jobs":[]})").status == 404);
    CHECK(f.ask("POST", "/v1/dead/retry", R"({"wiki":"w"})").status == 404);
    CHECK(f.ask("GET", "/v1/results/w/Q1").status == 404);
    f.token = std::make_shared<const Client>(Client{"t", {"w", "other"}});
    CHECK(f.ask("GET", "/v1/dead").status == 400);
    CHECK(f.ask("GET", "/v1/dead?wiki=w").status == 503);
}

TEST_CASE("api handlers: not ready says why") {
    Fixture f;
    CHECK(f.ask("GET", "/readyz").status == 200);
    f.backend.worries = {"wiki: slow"};
    CHECK(f.ask("GET", "/readyz").body ==
          "{\"ready\":true,\"problems\":[],\"warnings\":[\"wiki: slow\"]}\n");
    f.backend.trouble = {"database: away"};
    const Response answer = f.ask("GET", "/readyz");
    CHECK(answer.status == 503);
    CHECK(answer.body ==
          "{\"ready\":false,\"problems\":[\"database: away\"],\"warnings\":[\"wiki: slow\"]}\n");
    CHECK(f.ask("GET", "/healthz").status == 200);
}

TEST_CASE("api handlers: pauses are of all wikis or of one, with a reason") {
    Fixture f;
    const Response all = f.ask("POST", "/v1/queue/pause", R"({"reason":"r"})");
    CHECK(all.status == 200);
    CHECK(all.body == R"({"paused":[{"wiki":null,"since":"2026-12-01T10:00:00Z","reason":"all"},)"
                      R"({"wiki":"w","since":"2026-12-01T11:00:00Z","reason":"it \"moves\""},)"
                      R"({"wiki":"x","since":"2026-12-01T12:00:00Z","reason":""}]})"
                      "\n");
    CHECK(f.control.wiki.empty());
    CHECK(f.control.reason == "r");
    CHECK(f.ask("POST", "/v1/queue/resume", R"({"wiki":"w"})").body == "{\"paused\":[]}\n");
    CHECK(f.control.wiki == "w");
    CHECK(f.ask("POST", "/v1/queue/pause", R"({"wiki":"x"})").status == 404);
    CHECK(f.ask("POST", "/v1/queue/resume", R"({"wiki":"x"})").status == 404);
    CHECK(f.ask("POST", "/v1/queue/resume", R"({"reason":"x"})").status == 400);
    CHECK(
        f.ask("POST", "/v1/queue/pause", R"({"reason":")" + std::string(501, 'a') + "\"}").status ==
        400);
}

TEST_CASE("api handlers: a token of a wiki pauses that wiki alone, and ends no runner") {
    Fixture f;
    f.token = std::make_shared<const Client>(Client{"t", {"w"}});
    const Response paused = f.ask("POST", "/v1/queue/pause", "");
    CHECK(f.control.wiki == "w");
    CHECK_THAT(paused.body, Catch::Contains("\"w\"") && !Catch::Contains("\"x\""));
    CHECK(f.ask("POST", "/v1/reload").status == 403);
    CHECK(f.ask("POST", "/v1/drain").status == 403);
    CHECK(f.ask("POST", "/v1/queue/reprioritise", R"({"wiki":"x","priority":"low"})").status ==
          404);
}

TEST_CASE("api handlers: jobs get other priorities by reason and by entity") {
    Fixture f;
    const auto ask = [&](const char* body) {
        return f.ask("POST", "/v1/queue/reprioritise", body);
    };
    CHECK(ask(R"({"wiki":"w","priority":"low","reason":"class","entities":["Q1","L2-F3"]})").body ==
          "{\"reprioritised\":7}\n");
    CHECK(f.control.wanted.priority == -10);
    CHECK(f.control.wanted.reason == store::JobReason::superclass);
    REQUIRE(f.control.wanted.entities.size() == 2);
    CHECK(ask(R"({"wiki":"w","priority":"high"})").status == 200);
    CHECK_FALSE(f.control.wanted.reason);
    const auto field = [&](const char* body, const char* name) {
        const Response answer = ask(body);
        CHECK(answer.status == 400);
        CHECK_THAT(answer.body, Catch::Contains("\"field\":\"" + std::string(name) + '"'));
    };
    field(R"({"priority":"low"})", "wiki");
    field(R"({"wiki":"w"})", "priority");
    field(R"({"wiki":"w","priority":"urgent"})", "priority");
    field(R"({"wiki":"w","priority":"low","reason":"whim"})", "reason");
    field(R"({"wiki":"w","priority":"low","entities":[]})", "entities");
    field(R"({"wiki":"w","priority":"low","entities":["Q1","x"]})", "entities[1]");
    field(R"({"wiki":"w","priority":"low","entities":{}})", "entities");
}

TEST_CASE("api handlers: reloading says what changed, draining whether all is done") {
    Fixture f;
    CHECK(f.ask("POST", "/v1/reload").body ==
          R"({"applied":["log.level"],"need_restart":["workers.threads"],"added":["new"]})"
          "\n");
    CHECK(f.ask("POST", "/v1/drain").body == "{\"finished\":true}\n");
}
