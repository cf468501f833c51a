// SPDX-License-Identifier: GPL-2.0-or-later
// Which addresses a client may make the runner talk to.
#include "source/public_http.hpp"
#include "python_server.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <cstring>
#include <string>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

using namespace runner::source;
using namespace std::chrono_literals;
using Catch::Contains;

namespace {

bool is_public_text(const std::string& text) {
    sockaddr_storage storage{};
    if (text.find(':') == std::string::npos) {
        auto& in = reinterpret_cast<sockaddr_in&>(storage);
        in.sin_family = AF_INET;
        REQUIRE(inet_pton(AF_INET, text.c_str(), &in.sin_addr) == 1);
    } else {
        auto& in = reinterpret_cast<sockaddr_in6&>(storage);
        in.sin6_family = AF_INET6;
        REQUIRE(inet_pton(AF_INET6, text.c_str(), &in.sin6_addr) == 1);
    }
    return is_public(reinterpret_cast<const sockaddr&>(storage));
}

class Server : public runner::test::PythonServer {
public:
    Server() : PythonServer("entity_data_server.py") {}
    [[nodiscard]] std::string at(const std::string& id) const {
        return url("wiki/Special:EntityData/" + id);
    }
    [[nodiscard]] std::string at(const std::string& host, const std::string& id) const {
        const std::string address = at(id);
        const std::string known = "127.0.0.1";
        return std::string(address).replace(address.find(known), known.size(), host);
    }
};

} // namespace

TEST_CASE("addresses of the internet are public") {
    for (const char* address :
         {"1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
          "126.255.255.255", "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255",
          "172.32.0.0", "192.0.1.0", "192.167.255.255", "192.169.0.0", "198.17.255.255",
          "198.20.0.0", "208.80.154.224", "223.255.255.255", "2620:0:861:ed1a::1",
          "2001:200::1", "2001:db7::1", "2001:db9::1", "2a00:1450::1", "3ffe::1",
          "3fff:1000::1"}) {
        CAPTURE(address);
        CHECK(is_public_text(address));
    }
}

TEST_CASE("addresses of this host, of private networks and for special purposes are not public") {
    for (const char* address :
         {"0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0",
          "100.127.255.255", "127.0.0.1", "127.255.255.255", "169.254.0.0", "169.254.169.254",
          "169.254.255.255", "172.16.0.0", "172.31.255.255", "192.0.0.1", "192.0.2.1",
          "192.88.99.1", "192.168.0.0", "192.168.255.255", "198.18.0.0", "198.19.255.255",
          "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.0",
          "255.255.255.255",
          // loopback, unspecified, compatible with IPv4, link-local, site-local, unique-local,
          // multicast, Teredo, ORCHID, documentation, discard, segment routing
          "::1", "::", "::1.1.1.1", "fe80::1", "febf::1", "fec0::1", "fc00::1", "fdff::1",
          "ff02::1", "ff0e::1", "2001::1", "2001:10::1", "2001:1ff::1", "2001:db8::1",
          "3fff::1", "3fff:fff::1", "100::1", "5f00::1", "4000::1", "1fff::1"}) {
        CAPTURE(address);
        CHECK_FALSE(is_public_text(address));
    }
}

TEST_CASE("an IPv6 address that carries an IPv4 address is as public as that one") {
    CHECK(is_public_text("::ffff:8.8.8.8")); // mapped
    CHECK_FALSE(is_public_text("::ffff:127.0.0.1"));
    CHECK_FALSE(is_public_text("::ffff:10.1.2.3"));
    CHECK_FALSE(is_public_text("::ffff:0:8.8.8.8")); // SIIT's, not routed
    CHECK(is_public_text("2002:808:808::1"));        // 6to4
    CHECK_FALSE(is_public_text("2002:7f00:1::1"));
    CHECK_FALSE(is_public_text("2002:c0a8:101::"));
    CHECK_FALSE(is_public_text("2002:a9fe:a9fe::"));
    CHECK(is_public_text("64:ff9b::8.8.8.8")); // NAT64
    CHECK_FALSE(is_public_text("64:ff9b::192.168.1.1"));
    CHECK_FALSE(is_public_text("64:ff9b::127.0.0.1"));
    CHECK_FALSE(is_public_text("64:ff9b:1::8.8.8.8")); // of a network of one's own
}

TEST_CASE("an address of another family is not public") {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    CHECK_FALSE(is_public(reinterpret_cast<const sockaddr&>(address)));
}

TEST_CASE("a URL that can't be requested has a reason") {
    const PublicAddressPolicy strict{};
    CHECK(public_url_problem("https://tool.example/hook?a=b", strict).empty());
    CHECK(public_url_problem("https://8.8.8.8:8443/hook", strict).empty());
    CHECK(public_url_problem("https://[2620:0:861:ed1a::1]/", strict).empty());
    for (const char* url : {"", "tool.example", "/hook", "http://tool.example/", "https://",
                            "https:///hook", "ftp://tool.example/", "file:///etc/hostname",
                            "https://tool.example/a b", "https://tool.example/\r\nX: y"}) {
        CAPTURE(url);
        CHECK(public_url_problem(url, strict) == "is no https URL");
    }
    CHECK(public_url_problem("https://user:secret@tool.example/", strict) == "has a user name");
    for (const char* url : {"https://127.0.0.1/", "https://10.0.0.1/", "https://[::1]/",
                            "https://[fe80::1]/", "https://[::ffff:10.0.0.1]/"}) {
        CAPTURE(url);
        CHECK(public_url_problem(url, strict) == "has an address that is not public");
        CHECK(public_url_problem(url, {.allow_private = true}).empty());
    }
    CHECK(public_url_problem("http://tool.example/", {.allow_http = true}).empty());
    CHECK(public_url_problem("ftp://tool.example/", {.allow_http = true}) ==
          "is no http or https URL");
}

TEST_CASE("a private address is not connected to, in whatever way it is written") {
    const Server server;
    PublicHttp http({.allow_http = true}, {.timeout = 5s});
    for (const char* host : {"localhost", "127.1", "2130706433", "0x7f.1", "0177.0.0.1"}) {
        CAPTURE(host);
        const auto answer = http.get(server.at(host, "Q1"));
        CHECK(answer.status == 0);
        CHECK_THAT(answer.error, Contains("is not public"));
        CHECK_FALSE(answer.transient);
    }
    const auto literal = http.get(server.at("Q1"));
    CHECK(literal.error == "the URL has an address that is not public");
    PublicHttp open({.allow_private = true, .allow_http = true}, {.timeout = 5s});
    CHECK_THAT(open.get(server.at("stats")).body, Contains(R"("seen": {"stats": 1})"));
}

TEST_CASE("a proxy of the environment does not connect for us") {
    const Server server;
    setenv("http_proxy", server.at("").c_str(), 1);
    unsetenv("no_proxy");
    PublicHttp http({.allow_private = true, .allow_http = true}, {.timeout = 5s});
    const auto answer = http.get("http://name.invalid/Q1");
    unsetenv("http_proxy");
    setenv("no_proxy", "*", 1);
    CHECK(answer.status == 0);
}

TEST_CASE("without encryption only where it is allowed") {
    const Server server;
    PublicHttp http({.allow_private = true}, {.timeout = 5s});
    CHECK(http.get(server.at("Q1")).error == "the URL is no https URL");
}

TEST_CASE("a redirect is an answer, and is not followed") {
    const Server server;
    PublicHttp http({.allow_private = true, .allow_http = true}, {.timeout = 5s});
    const auto answer = http.get(server.at("Q11"));
    CHECK(answer.status == 301);
    CHECK_THAT(http.get(server.at("stats")).body, !Contains("\"Q1\""));
}

TEST_CASE("the size and the time of an answer are limited") {
    const Server server;
    PublicHttp http({.allow_private = true, .allow_http = true},
                    {.timeout = 500ms, .max_body = 1'000});
    CHECK_THAT(http.get(server.at("Q24")).error, Contains("larger than 1000 bytes")); // unpacked
    CHECK_THAT(http.get(server.at("Q16")).error, Contains("larger than 1000 bytes")); // by header
    const auto slow = http.get(server.at("Q2"));
    CHECK(slow.status == 0);
    CHECK(slow.transient);
}

TEST_CASE("a body is posted with its headers") {
    const Server server;
    PublicHttp http({.allow_private = true, .allow_http = true}, {.timeout = 5s});
    const auto answer = http.post(server.at("hook"), R"({"a":1})",
                                  {"Content-Type: application/json", "X-Some: thing"});
    CHECK(answer.status == 200);
    CHECK_THAT(answer.body, Contains(R"("body": "{\"a\":1}")"));
    CHECK_THAT(answer.body, Contains(R"("Content-Type": "application/json")"));
    CHECK_THAT(answer.body, Contains(R"("X-Some": "thing")"));
    // the next request does not carry them
    CHECK_THAT(http.post(server.at("hook"), "a=1", {}).body, !Contains("X-Some"));
}
