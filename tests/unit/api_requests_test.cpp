// SPDX-License-Identifier: GPL-2.0-or-later
// Bodies of requests: what is taken, and which field an error names.
#include "api/json_scanner.hpp"
#include "api/requests.hpp"
#include "api/router.hpp"
#include "api/uri.hpp"

#include <catch2/catch.hpp>

using namespace runner;
using namespace runner::api;

namespace {

ApiError error_of(const std::string& body, std::size_t max_jobs = 10) {
    try {
        (void)parse_jobs_request(body, max_jobs, &entity::EntityId::parse);
    } catch (const ApiError& error) {
        return error;
    }
    return {200, "", "accepted", ""};
}

std::string job(const std::string& members) {
    return R"({"wiki":"w","jobs":[{"type":"check","entity":"Q1"},{"type":"check")" + members +
           "}]}";
}

std::string bad_json(const std::string& text) {
    try {
        JsonScanner json(text);
        json.skip();
        json.end();
    } catch (const ApiError& error) {
        return error.message;
    }
    return {};
}

} // namespace

TEST_CASE("api: a request of jobs is taken with its documents as they came") {
    const auto request = parse_jobs_request(
        R"( {"jobs":[{"document": {"id":"Q1", "x":[1.50,"\u00e4"]} ,"entity":"q1","type":"check"},
             {"type":"check","entity":"P31","revision":7,"priority":"high"}],"wiki":"testwiki"} )",
        10, &entity::EntityId::parse);
    CHECK(request.wiki == "testwiki");
    REQUIRE(request.jobs.size() == 2);
    CHECK(request.jobs[0].document == R"({"id":"Q1", "x":[1.50,"\u00e4"]})");
    CHECK(request.jobs[0].entity == entity::EntityId{entity::EntityType::item, 1, 0});
    CHECK(request.jobs[0].priority == Priority::normal);
    CHECK(request.jobs[1].document.empty());
    CHECK(request.jobs[1].revision == 7);
    CHECK(request.jobs[1].priority == Priority::high);
    const auto none = parse_jobs_request(R"({"wiki":"w","jobs":[]})", 1, &entity::EntityId::parse);
    CHECK(none.jobs.empty());
}

TEST_CASE("api: an error names the field with its path and shows the value") {
    const ApiError id = error_of(job(R"(,"entity":"q42;DROP")"));
    CHECK(id.status == 400);
    CHECK(id.field == "jobs[1].entity");
    CHECK(id.message == R"(jobs[1].entity: "q42;DROP" is not an entity id)");

    CHECK(error_of(job(R"(,"entity":"Q0")")).message ==
          R"(jobs[1].entity: "Q0" is not an entity id)");
    CHECK(error_of(job(R"(,"entity":42)")).message ==
          R"(jobs[1].entity: 42 is not an entity id; an id is a string like "Q42")");
    CHECK(error_of(job(R"(,"entity":{"id":1})")).field == "jobs[1].entity");
    CHECK(error_of(job(R"(,"entity":"E5")")).status == 400);
    CHECK(error_of(job("")).message == "jobs[1].entity: missing");
    CHECK(error_of(job(R"(,"entity":"Q1","revision":-1)")).field == "jobs[1].revision");
    CHECK(error_of(job(R"(,"entity":"Q1","revision":1.5)")).field == "jobs[1].revision");
    CHECK(error_of(job(R"(,"entity":"Q1","revision":99999999999999999999)")).field ==
          "jobs[1].revision");
    CHECK(error_of(job(R"(,"entity":"Q1","revision":"7")")).field == "jobs[1].revision");
    CHECK(error_of(job(R"(,"entity":"Q1","priority":"urgent")")).field == "jobs[1].priority");
    CHECK(error_of(job(R"(,"entity":"Q1","document":"{}")")).field == "jobs[1].document");
    CHECK(error_of(job(R"(,"entity":"Q1","entiti":"Q1")")).field == "jobs[1].entiti");
    CHECK(error_of(job(R"(,"entity":"Q1","entity":"Q2")")).message ==
          "jobs[1].entity: given twice");
    CHECK(error_of(R"({"wiki":"w","jobs":[{"type":"import","entity":"Q1"}]})").field ==
          "jobs[0].type");
    CHECK(error_of(R"({"wiki":"w","jobs":[7]})").field == "jobs[0]");
    CHECK(error_of(R"({"wiki":"w","jobs":{}})").field == "jobs");
    CHECK(error_of(R"({"wiki":"w"})").field == "jobs");
    CHECK(error_of(R"({"jobs":[]})").field == "wiki");
    CHECK(error_of(R"({"wiki":1,"jobs":[]})").field == "wiki");
    CHECK(error_of(R"({"wiki":"","jobs":[]})").field == "wiki");
    CHECK(error_of("[]").field == "body");
    CHECK(error_of("").field == "body");
}

TEST_CASE("api: a document must be of its job's entity and not older; it may give the revision") {
    const auto revision = [](const std::string& members) {
        return parse_jobs_request(job(R"(,"entity":"L1-F2")" + members), 10,
                                  &entity::EntityId::parse)
            .jobs.at(1)
            .revision;
    };
    CHECK(revision(R"(,"document":{"id":"L1","lastrevid":9})") == 9);
    CHECK(revision(R"(,"document":{"id":"L1","lastrevid":9},"revision":5)") == 9);
    CHECK(revision(R"(,"document":{"lastrevid":"x","id":7})") == 0);
    CHECK(error_of(job(R"(,"entity":"Q1","document":{"id":"Q2"})")).field == "jobs[1].document.id");
    CHECK(error_of(job(R"(,"entity":"Q1","revision":5,"document":{"lastrevid":4})")).field ==
          "jobs[1].document.lastrevid");
}

TEST_CASE("api: too many jobs are 413") {
    const std::string body = job(R"(,"entity":"Q2")");
    CHECK(error_of(body, 2).status == 200);
    CHECK(error_of(body, 1).status == 413);
    CHECK(error_of(body, 1).code == "too_many_jobs");
}

TEST_CASE("api: only JSON in UTF-8 is JSON") {
    for (const char* good : {"{}", "[]", " 0 ", "-0.5e+10", R"("\u00e4\n\ud83d\ude00")", "[1,2]",
                             R"({"a":{"b":[null,true,false]}})", "\"\xC3\xA4 \xF0\x9F\x98\x80\""})
        CHECK(bad_json(good) == "");
    for (const char* bad : {"",
                            "{",
                            "[1,]",
                            R"({"a":1,})",
                            "{a:1}",
                            "01",
                            "1.",
                            "+1",
                            "nul",
                            "\"a",
                            "\"\\x\"",
                            "\"\\u12\"",
                            "[1 2]",
                            "{\"a\" 1}",
                            "{} {}",
                            "'a'",
                            "\"\x01\"",
                            "\"\xC3\"",
                            "\"\xFF\"",
                            "\"\xC0\xAF\"",
                            "\"\xED\xA0\x80\"",
                            "\"\xF4\x90\x80\x80\"",
                            "\"abcdefgh\xE2\x82\"",
                            "NaN"})
        CHECK(bad_json(bad) != "");
    CHECK(bad_json(std::string("[\"a\0b\"]", 7)) != "");
    CHECK(bad_json(std::string("1\0", 2)) != "");
    CHECK_THAT(bad_json("[1 2]"), Catch::Contains("at byte 3"));
}

TEST_CASE("api: nesting has a limit, and the limit is no crash") {
    CHECK(bad_json(std::string(100, '[') + std::string(100, ']')) == "");
    CHECK_THAT(bad_json(std::string(101, '[')), Catch::Contains("levels of nesting"));
    CHECK_THAT(bad_json(std::string(1'000'000, '[')), Catch::Contains("levels of nesting"));
    std::string objects;
    for (int i = 0; i < 200; ++i)
        objects += R"({"a":)";
    CHECK_THAT(bad_json(objects), Catch::Contains("levels of nesting"));
}

TEST_CASE("api: escapes in strings are resolved") {
    JsonScanner json(R"("a\"\\\/\b\f\n\r\t\u0041\u00e4\u20ac\ud83d\ude00")");
    CHECK(json.string() == "a\"\\/\b\f\n\r\tA\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80");
    JsonScanner half(R"("\ud83dx")");
    CHECK_THROWS_AS(half.string(), ApiError);
}

TEST_CASE("api: a check request needs wiki, entity and a deadline") {
    const auto parse = [](const char* body) {
        return parse_check_request(body, std::chrono::milliseconds(1000), &entity::EntityId::parse);
    };
    CHECK(parse(R"({"wiki":"w","entity":"Q5","deadline_ms":20})").deadline.count() == 20);
    CHECK(parse(R"({"wiki":"w","entity":"Q5","deadline_ms":2,"other_than":"2026"})").other_than ==
          "2026");
    CHECK_THROWS_AS(parse(R"({"wiki":"w","entity":"Q5","deadline_ms":2,"other_than":7})"),
                    ApiError);
    CHECK_THROWS_AS(parse(R"({"wiki":"w","entity":"Q5"})"), ApiError);
    CHECK_THROWS_AS(parse(R"({"wiki":"w","entity":"Q5","deadline_ms":1001})"), ApiError);
    CHECK_THROWS_AS(parse(R"({"entity":"Q5","deadline_ms":1})"), ApiError);
}

TEST_CASE("api: a target is path and query, decoded") {
    Request request;
    REQUIRE(parse_target("/v1/results/test%20wiki/Q1?a=b%26c&d&e=f+g", request));
    CHECK(request.path == "/v1/results/test wiki/Q1");
    CHECK(request.parameter("a") == "b&c");
    CHECK(request.parameter("e") == "f g");
    CHECK(request.parameter("none").empty());
    for (const char* bad : {"", "v1", "/%zz", "/%4", "/%", "/%00", "/?a=%f"}) {
        Request other;
        CHECK_FALSE(parse_target(bad, other));
    }
}

namespace {

Response ask(const Router& router, std::string method, std::string path) {
    Response got;
    Request request;
    request.method = std::move(method);
    request.path = std::move(path);
    router.handle(std::move(request), Responder([&got](Response&& r) { got = std::move(r); }));
    return got;
}

} // namespace

TEST_CASE("api: the router knows 404 from 405 and catches what handlers throw") {
    std::string observed;
    Router router([&](std::string_view route, unsigned status, std::chrono::nanoseconds) {
        observed += std::string(route) + "=" + std::to_string(status) + " ";
    });
    router.add("GET", "/v1/results/{wiki}/{entity}",
               [](Request&& request, const Responder& respond) {
                   Response response;
                   response.body = request.captures.at(0) + "+" + request.captures.at(1);
                   respond(std::move(response));
               });
    router.add("POST", "/v1/jobs", [](Request&&, const Responder&) -> void {
        throw ApiError{400, "bad_field", "wrong", "wiki"};
    });
    router.add("POST", "/v1/lost", [](Request&&, const Responder&) {});

    CHECK(ask(router, "GET", "/v1/results/w/Q1").body == "w+Q1");
    CHECK(ask(router, "GET", "/v1/results/w").status == 404);
    CHECK(ask(router, "GET", "/v1/results/w/").status == 404);
    CHECK(ask(router, "GET", "/").status == 404);
    CHECK(ask(router, "GET", "").status == 404);
    const Response wrong_method = ask(router, "GET", "/v1/jobs");
    CHECK(wrong_method.status == 405);
    CHECK(wrong_method.headers.at(0).second == "POST");
    CHECK(ask(router, "POST", "/v1/jobs").body ==
          "{\"error\":{\"code\":\"bad_field\",\"message\":\"wrong\",\"field\":\"wiki\"}}\n");
    CHECK(ask(router, "POST", "/v1/lost").status == 500);
    CHECK_THAT(observed, Catch::StartsWith("/v1/results/{wiki}/{entity}=200 none=404"));
}
