// SPDX-License-Identifier: GPL-2.0-or-later
// The handlers with a fake runner behind them: what is passed on, and how errors become statuses.
#include "api/handlers.hpp"
#include "queue/acceptor.hpp"

#include <catch2/catch.hpp>

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
    void result(std::string, entity::EntityId,
                Reply<std::optional<store::ResultRow>> reply) override {
        give(reply, row);
    }
    void queue(Reply<std::vector<store::WikiCounts>> reply) override {
        give(reply, std::vector<store::WikiCounts>{{"a", {1, 2, 3, 4, 9}}, {"b", {1, 1, 1, 1, 3}}});
    }
    void dead(std::string, std::uint32_t limit, std::optional<store::EntityKey>,
              Reply<std::vector<store::DeadJob>> reply) override {
        std::vector<store::DeadJob> dead(std::min<std::uint32_t>(limit, 2));
        for (store::DeadJob& job : dead)
            job.key = {"w", {entity::EntityType::item, 5, 0}};
        give(reply, std::move(dead));
    }
    void incomplete(std::string, std::uint32_t, std::optional<store::EntityKey>,
                    Reply<std::vector<store::IncompleteRow>> reply) override {
        store::IncompleteRow first;
        first.key = {"w", {entity::EntityType::item, 5, 0}};
        first.reasons = {"one \"reason\"", "another"};
        store::IncompleteRow second = first;
        second.next_attempt = "2026-11-21T18:20:00Z";
        give(reply, std::vector<store::IncompleteRow>{first, second});
    }
    void parity(std::string wiki, std::uint32_t limit, std::optional<store::EntityKey> after,
                std::string after_constraint,
                Reply<std::vector<store::ParityDifference>> reply) override {
        asked_parity = wiki + " " + std::to_string(limit) + " " +
                       (after ? after->wiki + " " + after->entity.to_string() : "") + " " +
                       after_constraint;
        store::ParityDifference found;
        found.key = {"w", {entity::EntityType::item, 5, 0}};
        found.constraint = "P7$a";
        found.property.number = 7;
        found.type = "Q1";
        found.native = R"([{"s":"warning"}])";
        found.php = "[]";
        give(reply, std::vector<store::ParityDifference>(1, found));
    }
    std::string asked_parity;
    void violations(store::ViolationFilter filter, std::optional<store::ViolationKey> after,
                    std::uint32_t limit, Reply<store::ViolationPage> reply) override {
        asked_violations = filter;
        asked_after = after;
        store::ViolationPage page;
        store::ListedViolation& listed = page.rows.emplace_back();
        listed.key = {"Q5", "Q5$a", "P7$b"};
        listed.property.number = 7;
        listed.type = "Q1";
        listed.status = "warning";
        listed.message_key = "single-value";
        if (limit == 1)
            page.next = listed.key;
        give(reply, std::move(page));
    }
    std::optional<store::ViolationFilter> asked_violations;
    std::optional<store::ViolationKey> asked_after;
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

struct Fixture {
    Fixture() { add_routes(router, backend, limits); }
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
        router.handle(std::move(request), Responder([&](Response&& r) { got = std::move(r); }));
        return got;
    }
    FakeBackend backend;
    HandlerLimits limits;
    Router router;
};

} // namespace

TEST_CASE("api handlers: jobs are passed on with documents and priorities") {
    Fixture f;
    const Response answer = f.ask(
        "POST", "/v1/jobs",
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

TEST_CASE("api handlers: a result is given byte for byte") {
    Fixture f;
    CHECK(f.ask("GET", "/v1/results/w/Q1").status == 404);
    f.backend.row.emplace();
    f.backend.row->value = R"({"results":[ 1.50 ]})";
    f.backend.row->incomplete = {"a \"reason\""};
    const Response answer = f.ask("GET", "/v1/results/w/Q1");
    CHECK(answer.status == 200);
    CHECK_THAT(answer.body, Catch::EndsWith(",\"value\":{\"results\":[ 1.50 ]}}\n") &&
                                Catch::Contains(R"("incomplete":["a \"reason\""])"));
}

TEST_CASE("api handlers: counts of the wikis add up; pages of the dead list have a cursor") {
    Fixture f;
    CHECK_THAT(f.ask("GET", "/v1/queue").body,
               Catch::StartsWith(R"({"ready":2,"delayed":3,"leased":4,"dead":5,)"
                                 R"("oldest_ready_seconds":9.000,"reasons":{"edit":0,)"));
    CHECK(f.ask("GET", "/v1/dead").body.find("next") == std::string::npos);
    CHECK_THAT(f.ask("GET", "/v1/incomplete").body,
               Catch::StartsWith(R"({"results":[{"wiki":"w","entity":"Q5",)") &&
                   Catch::Contains(R"("next_attempt":null,"reasons":["one \"reason\"","another"]})") &&
                   Catch::Contains(R"("next_attempt":"2026-11-21T18:20:00Z")"));
    CHECK(f.ask("POST", "/v1/dead/retry").body == "{\"retried\":2}\n");
}

TEST_CASE("api handlers: differences from WBQC are listed by page") {
    Fixture f;
    CHECK_THAT(f.ask("GET", "/v1/parity").body,
               Catch::StartsWith(R"({"differences":[{"wiki":"w","entity":"Q5",)") &&
                   Catch::Contains(R"("property":"P7","constraint":"P7$a","type":"Q1",)"
                                   R"("native":[{"s":"warning"}],"php":[]})") &&
                   !Catch::Contains("next"));
    CHECK_THAT(f.ask("GET", "/v1/parity?limit=1").body,
               Catch::Contains(R"("next":"P7$a|w|Q5")"));
    CHECK(f.ask("GET", "/v1/parity?wiki=w&limit=1&after=P7$a|w|Q5").status == 200);
    CHECK(f.backend.asked_parity == "w 1 w Q5 P7$a");
    CHECK(f.ask("GET", "/v1/parity?after=w|Q5").status == 400);
}

TEST_CASE("api handlers: violations are listed by page, and every filter is passed on") {
    Fixture f;
    const std::string row = R"({"entity":"Q5","statement":"Q5$a","property":"P7",)"
                            R"("constraint":"P7$b","type":"Q1","status":"warning",)"
                            R"("message":"single-value","revision":0,"checked_at":null})";
    CHECK(f.ask("GET", "/v1/violations?wiki=w").body == "{\"violations\":[" + row + "]}\n");
    REQUIRE(f.backend.asked_violations);
    CHECK_FALSE(f.backend.asked_violations->of_class);
    CHECK_FALSE(f.backend.asked_after);
    CHECK(f.ask("GET", "/v1/violations?wiki=w&limit=1").body ==
          "{\"violations\":[" + row + "],\"next\":\"Q5|Q5$a|P7$b\"}\n");
    CHECK(f.ask("GET", "/v1/violations?wiki=w&entity=l1-f2&property=p7&type=q1&"
                       "status=bad-parameters&class=Q6&direct=true&after=Q5|Q5$a|P7$b")
              .status == 200);
    const auto& filter = *f.backend.asked_violations;
    CHECK(filter.entity->to_string() == "L1-F2");
    CHECK(filter.property->number == 7);
    CHECK(filter.type->to_string() == "Q1");
    CHECK(filter.status == results::Status::bad_parameters);
    CHECK(filter.of_class->to_string() == "Q6");
    CHECK(filter.direct);
    CHECK(f.backend.asked_after->statement == "Q5$a");
    CHECK(f.backend.asked_after->constraint == "P7$b");
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
    CHECK_FALSE(f.backend.asked_violations);
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
