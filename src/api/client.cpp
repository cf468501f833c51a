// SPDX-License-Identifier: GPL-2.0-or-later
#include "api/client.hpp"

#include "base/clock.hpp"
#include "base/error.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

namespace runner::api {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

namespace {

[[noreturn]] void fail(const std::string& socket, const boost::system::error_code& error) {
    if (error == boost::system::errc::permission_denied)
        throw base::PermissionError("this user may not use the socket " + socket);
    if (error == boost::system::errc::connection_refused ||
        error == boost::system::errc::no_such_file_or_directory)
        throw base::UnavailableError("no runner listens on " + socket);
    throw base::UnavailableError("the runner on " + socket +
                                 " does not answer: " + error.message());
}

} // namespace

ClientResponse get(const std::string& socket, const std::string& target,
                   std::chrono::milliseconds timeout) {
    return send(socket, "GET", target, {}, timeout);
}

ClientResponse send(const std::string& socket, const std::string& method, const std::string& target,
                    const std::string& body, std::chrono::milliseconds timeout) {
    asio::io_context io;
    beast::basic_stream<asio::local::stream_protocol> stream(io);
    stream.expires_after(timeout);
    boost::system::error_code failed;
    // beast's timeouts work with asynchronous calls alone: each one is run to its end
    const auto finish = [&](auto start) {
        failed = {};
        start([&](boost::system::error_code error, auto...) { failed = error; });
        io.restart();
        io.run();
        if (failed)
            fail(socket, failed);
    };

    finish([&](auto done) {
        try {
            stream.async_connect(asio::local::stream_protocol::endpoint(socket), done);
        } catch (const boost::system::system_error& error) {
            fail(socket, error.code()); // a path that is too long
        }
    });
    http::request<http::string_body> request(http::string_to_verb(method), target, 11);
    request.set(http::field::host, "runner");
    if (!body.empty()) {
        request.set(http::field::content_type, "application/json");
        request.body() = body;
    }
    request.prepare_payload();
    request.keep_alive(false);
    finish([&](auto done) { http::async_write(stream, request, done); });
    beast::flat_buffer buffer;
    http::response_parser<http::string_body> response;
    response.body_limit(std::size_t{64} << 20U);
    finish([&](auto done) { http::async_read(stream, buffer, response, done); });
    return {response.get().result_int(), std::move(response.get().body())};
}

} // namespace runner::api
