// SPDX-License-Identifier: GPL-2.0-or-later
// Who may ask what: tokens, hosts, origins and content types, without a socket.
#include "api/access.hpp"

#include <catch2/catch.hpp>

using namespace runner::api;

namespace {

const AccessRules rules{true,
                        {{"all-0123456789abcdef", "all", {}},
                         {"one-0123456789abcdef", "one", {"a"}},
                         {"two-0123456789abcdef", "two", {"a", "b"}}}};

RequestHead over_tcp(std::string_view authorization) {
    RequestHead head;
    head.tcp = true;
    head.target = "/v1/queue";
    head.host = "localhost:8090";
    head.authorization = authorization;
    return head;
}

unsigned status(const RequestHead& head, const AccessRules& of = rules) {
    const auto admitted = admit(of, head);
    const auto* error = std::get_if<ApiError>(&admitted);
    return error != nullptr ? error->status : 200;
}

Admitted client(const RequestHead& head) { return std::get<Admitted>(admit(rules, head)); }

} // namespace

TEST_CASE("access: TCP needs one of the tokens, and the client is known by it") {
    CHECK(status(over_tcp("")) == 401);
    CHECK(client(over_tcp("Bearer all-0123456789abcdef"))->name == "all");
    CHECK(client(over_tcp("bearer  one-0123456789abcdef "))->wikis ==
          std::vector<std::string>{"a"});
    for (const char* bad :
         {"Bearer", "Bearer ", "all-0123456789abcdef", "Basic all-0123456789abcdef",
          "Bearer all-0123456789abcde", "Bearer all-0123456789abcdeF",
          "Bearer all-0123456789abcdef0", "Bearer all-0123456789abcdef,x"})
        CHECK(status(over_tcp(bad)) == 401);
    const auto refused = admit(rules, over_tcp("Bearer wrong-secret-text"));
    CHECK(std::get<ApiError>(refused).message.find("wrong-secret") == std::string::npos);
}

TEST_CASE("access: without any token TCP is closed, unless that is allowed") {
    CHECK(status(over_tcp("Bearer x"), {}) == 401);
    CHECK(status(over_tcp(""), {false, {}}) == 200);
    CHECK(status(over_tcp(""), {false, rules.tokens}) == 401);
}

TEST_CASE("access: only liveness is reported without a token") {
    RequestHead head = over_tcp("");
    for (const char* open : {"/healthz", "/healthz?x=1"}) {
        head.target = open;
        CHECK(status(head) == 200);
    }
    for (const char* closed :
         {"/readyz", "/metrics", "/", "/healthz/", "/v1/queue?/healthz", "/%68ealthz"}) {
        head.target = closed;
        CHECK(status(head) == 401);
    }
}

TEST_CASE("access: the Unix socket needs no token, and one that is sent counts") {
    RequestHead head = over_tcp("");
    head.tcp = false;
    head.host = "runner";
    CHECK(status(head) == 200);
    CHECK(client(head) == nullptr);
    head.authorization = "Bearer two-0123456789abcdef";
    CHECK(client(head)->wikis.size() == 2);
    head.authorization = "Bearer wrong";
    CHECK(status(head) == 401);
    CHECK(status(head, {}) == 200); // there are none that it could be
}

TEST_CASE("access: only this machine's own names are hosts over TCP") {
    for (const char* good :
         {"localhost", "LOCALHOST:1", "127.0.0.1", "127.1.2.3:65535", "[::1]", "[::1]:8090"})
        CHECK(is_loopback_host(good));
    for (const char* bad : {"",
                            "localhost.example.org",
                            "example.org",
                            "127.0.0.1.example.org",
                            "127.0.0",
                            "127.0.0.1.",
                            "127.0.0.1:",
                            "127.0.0.1:x",
                            "127..0.1",
                            "128.0.0.1",
                            "0.0.0.0",
                            "[::]",
                            "[::1",
                            "::1",
                            "localhost:80@evil",
                            "user@localhost",
                            "127.0.0.1,evil",
                            "localhost ",
                            "1270.0.0.1",
                            "[::1]x",
                            "runner"})
        CHECK_FALSE(is_loopback_host(bad));
    RequestHead head = over_tcp("Bearer all-0123456789abcdef");
    head.host = "attacker.example:8090";
    CHECK(status(head) == 403);
    head.target = "/healthz";
    CHECK(status(head) == 403); // also what needs no token: rebinding must not even find a runner
    head = over_tcp("Bearer all-0123456789abcdef");
    head.target = "http://attacker.example/v1/queue";
    CHECK(status(head) == 403);
    head.target = "http://localhost:8090/v1/queue";
    CHECK(status(head) == 200);
}

TEST_CASE("access: a page of another origin is refused, the runner's own is not") {
    RequestHead head = over_tcp("Bearer all-0123456789abcdef");
    for (const char* bad : {"https://example.org", "null", "http://localhost:3000", "",
                            "https://localhost:8090", "http://127.0.0.1:8090"}) {
        const std::string origin = bad;
        head.origin = &origin;
        CHECK(status(head) == 403);
    }
    const std::string own = "http://localhost:8090";
    head.origin = &own;
    CHECK(status(head) == 200);
}

TEST_CASE("access: a body over TCP is JSON and says so") {
    RequestHead head = over_tcp("Bearer all-0123456789abcdef");
    head.has_body = true;
    for (const char* good :
         {"application/json", "Application/JSON; charset=utf-8", "application/json ;x=y"}) {
        head.content_type = good;
        CHECK(status(head) == 200);
    }
    for (const char* bad : {"", "text/plain", "application/x-www-form-urlencoded",
                            "multipart/form-data; boundary=application/json",
                            "application/json, text/plain", "application/jsonx"}) {
        head.content_type = bad;
        CHECK(status(head) == 415);
    }
    head.has_body = false;
    CHECK(status(head) == 200);
    head = {};
    head.has_body = true;
    head.content_type = "text/plain";
    CHECK(status(head) == 200); // the Unix socket: no web page reaches it
}

TEST_CASE("access: a client that is kept to wikis sees these alone") {
    Request request;
    CHECK(request.may_see("a"));
    request.token = client(over_tcp("Bearer all-0123456789abcdef"));
    CHECK_FALSE(request.is_bound());
    CHECK(request.may_see("z"));
    request.token = client(over_tcp("Bearer two-0123456789abcdef"));
    CHECK(request.is_bound());
    CHECK(request.may_see("b"));
    CHECK_FALSE(request.may_see("c"));
    CHECK_FALSE(request.may_see(""));
}

TEST_CASE("access: pages of an allowed origin need a token, but for a preflight") {
    AccessRules open = rules;
    open.origins = {"https://tool.example"};
    const std::string allowed = "https://tool.example";
    const std::string other = "https://tool.example:444";
    RequestHead head = over_tcp("Bearer all-0123456789abcdef");
    head.origin = &allowed;
    CHECK(status(head) == 403);
    CHECK(status(head, open) == 200);
    head.origin = &other;
    CHECK(status(head, open) == 403);
    head = over_tcp("");
    head.origin = &allowed;
    CHECK(status(head, open) == 401);
    head.preflight = true;
    CHECK(status(head, open) == 200);
    CHECK(status(head) == 403);
    head.host = "evil.example";
    CHECK(status(head, open) == 403);
    head = over_tcp("");
    head.preflight = true; // without an Origin it is none
    CHECK(status(head, open) == 401);
}
