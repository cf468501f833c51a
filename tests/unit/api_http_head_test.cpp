// SPDX-License-Identifier: GPL-2.0-or-later
// Heads that are no good HTTP, piece by piece and whole.
#include "api/http_head.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <catch2/catch.hpp>

using namespace runner::api;
using State = HeadScanner::State;

namespace {

State look(const std::string& text) {
    HeadScanner scanner;
    return scanner.look(text);
}

std::string problem(const std::string& fields, const std::string& version = "1.1") {
    const std::string text = "POST / HTTP/" + version + "\r\n" + fields + "\r\n";
    boost::beast::http::request_parser<boost::beast::http::empty_body> parser;
    boost::system::error_code error;
    parser.put(boost::asio::buffer(text), error);
    if (error)
        return error.message();
    const auto found = head_problem(parser.get());
    return found ? found->message : "";
}

} // namespace

TEST_CASE("http head: its end is found, however the bytes come") {
    const std::string text = "GET / HTTP/1.1\r\nHost: a\r\nX:\r\n\r\nbody\nwith\0anything";
    const std::size_t end = text.find("body");
    HeadScanner whole;
    CHECK(whole.look(text) == State::complete);
    CHECK(whole.size() == end);
    HeadScanner slow;
    for (std::size_t n = 0; n < end; ++n)
        REQUIRE(slow.look(std::string_view(text).substr(0, n)) == State::incomplete);
    CHECK(slow.look(std::string_view(text).substr(0, end)) == State::complete);
    CHECK(slow.size() == end);
}

TEST_CASE("http head: folded lines, lone line ends and bytes of other protocols are bad at once") {
    CHECK(look("GET / HTTP/1.1\r\nX: a\r\n b\r\n\r\n") == State::bad);
    CHECK(look("GET / HTTP/1.1\r\nX: a\r\n\tb") == State::bad);
    CHECK(look("GET / HTTP/1.1\r\n Host: a\r\n\r\n") == State::bad);
    CHECK(look("GET / HTTP/1.1\nHost: a\n\n") == State::bad);
    CHECK(look("GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n") == State::bad);
    CHECK(look("GET / HTTP/1.1\r\n\rHost: a") == State::bad);
    CHECK(look("\r\nGET / HTTP/1.1\r\n") == State::bad);
    CHECK(look("GET / HTTP/1.1\r\n: a\r\n\r\n") == State::bad);
    CHECK(look(std::string("GET /\0 HTTP/1.1\r\n", 18)) == State::bad);
    CHECK(look("\x16\x03\x01") == State::bad); // TLS
    HeadScanner scanner;
    scanner.look("GET / HTTP/1.1\r\nX: a\r\n b");
    CHECK(std::string(scanner.problem()).find("folded") != std::string::npos);
}

TEST_CASE("http head: fields that two parsers may read differently are refused") {
    CHECK(problem("Host: a\r\n").empty());
    CHECK(problem("Host: a\r\nTransfer-Encoding: Chunked\r\n").empty());
    CHECK(problem("Host: a\r\nContent-Length: 0005\r\n").empty());
    for (const char* bad :
         {"",
          "X: y\r\n",
          "Host: a\r\nHost: a\r\n",
          "Host: a\r\nTransfer-Encoding: gzip\r\n",
          "Host: a\r\nTransfer-Encoding: identity\r\n",
          "Host: a\r\nTransfer-Encoding: gzip, chunked\r\n",
          "Host: a\r\nTransfer-Encoding: chunked, identity\r\n",
          "Host: a\r\nTransfer-Encoding: chunked, chunked\r\n",
          "Host: a\r\nTransfer-Encoding: xchunked\r\n",
          "Host: a\r\nTransfer-Encoding: \r\n",
          "Host: a\r\nTransfer-Encoding: chunked;x\r\n",
          "Host: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
          "Host: a\r\nTransfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n",
          "Host: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n",
          "Host: a\r\nContent-Length: 5, 5\r\n",
          "Host: a\r\nContent-Length: +5\r\n",
          "Host: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n",
          "Host: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n",
          "Host: a\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n",
          "Host: a\r\nOrigin: a\r\nOrigin: b\r\n",
          "Host: a\r\nContent-Type: a\r\nContent-Type: b\r\n"}) {
        CAPTURE(bad);
        CHECK_FALSE(problem(bad).empty());
    }
    CHECK(problem("Host: a\r\n", "1.0").empty());
    CHECK(problem("", "1.0").empty()); // knows no Host
    CHECK_FALSE(problem("Host: a\r\nTransfer-Encoding: chunked\r\n", "1.0").empty());
}
