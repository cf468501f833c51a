// SPDX-License-Identifier: GPL-2.0-or-later
// Timeouts are deadlines that the server's sweep looks at, rather than Beast's stream timeouts:
// those close the socket, and a client that was too slow shall still be told so (408).
#include "api/connection.hpp"

#include "api/uri.hpp"
#include "build_options.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include <array>
#include <sys/socket.h>
#include <utility>

namespace runner::api {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

// what a client that is being turned away may still send before it is cut off
constexpr std::size_t linger_bytes = 64U << 20U;
constexpr std::chrono::milliseconds linger_time{2000};
constexpr std::size_t first_read = 4096; // held by every idle connection
constexpr std::size_t buffer_kept = 16384;

Response too_large(std::size_t limit) {
    return error_response({413, "body_too_large",
                           "the body has more than " + std::to_string(limit) + " bytes", {}});
}

Response from_parse_error(const error_code& error, const ServerLimits& limits) {
    if (error == http::error::body_limit)
        return too_large(limits.max_body);
    if (error == http::error::header_limit || error == http::error::buffer_overflow)
        return error_response({431, "header_too_large",
                               "the header has more than " + std::to_string(limits.max_header) +
                                   " bytes",
                               {}});
    return error_response({400, "bad_http", "this is not HTTP/1.1: " + error.message(), {}});
}

http::response_header<> header_of(const Response& response, unsigned version) {
    http::response_header<> header;
    header.version(version);
    header.result(response.status);
    header.set(http::field::server, "constraint-runner/" VERSION);
    if (!response.content_type.empty())
        header.set(http::field::content_type, response.content_type);
    for (const auto& [name, value] : response.headers)
        header.set(name, value);
    return header;
}

/// Whose requests come over it, as far as the kernel tells.
std::string client_of(int socket) {
    ucred credentials{};
    socklen_t size = sizeof credentials;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0 &&
        credentials.pid != 0)
        return "uid " + std::to_string(credentials.uid);
    return "tcp";
}

bool is_http_error(const error_code& error) {
    return error.category() == make_error_code(http::error::bad_method).category() &&
           error != http::error::end_of_stream && error != http::error::partial_message;
}

} // namespace

Connection::Connection(std::shared_ptr<ServerState> state, Socket socket)
    : state_(std::move(state)),
      place_(state_->connections.insert(state_->connections.end(), this)),
      socket_(std::move(socket)), answered_(state_->io) {
    ++state_->open;
}

Connection::~Connection() {
    state_->bodies_in_hand -= body_reserved_;
    state_->connections.erase(place_);
    --state_->open;
}

void Connection::enter(Step step, std::chrono::milliseconds limit) {
    step_ = step;
    deadline_ = step == Step::handling ? Clock::time_point::max() : Clock::now() + limit;
}

void Connection::check_deadline(Clock::time_point now) {
    if (now < deadline_)
        return;
    deadline_ = Clock::time_point::max();
    timed_out_ = true;
    if (step_ != Step::idle)
        ++state_->timeouts;
    error_code ignored;
    socket_.cancel(ignored);
}

void Connection::drain() {
    closing_ = true;
    if (step_ == Step::idle) {
        error_code ignored;
        socket_.cancel(ignored);
    }
}

void Connection::close() noexcept {
    error_code ignored;
    answered_.cancel();
    socket_.close(ignored);
}

asio::awaitable<void> Connection::serve(std::shared_ptr<Connection> self) {
    Connection& c = *self;
    // g++ 12 evaluates `a && co_await b` without looking at a: each co_await is a statement here
    bool keep_alive = true;
    while (keep_alive) {
        const bool came = co_await c.wait_for_request();
        if (!came)
            break;
        const ServerLimits& limits = c.state_->limits;
        c.enter(Step::reading, limits.read_timeout);
        Parser parser;
        parser.header_limit(static_cast<std::uint32_t>(limits.max_header));
        parser.body_limit(limits.max_body);
        std::optional<Response> response = co_await c.read_request(parser);
        if (!c.socket_.is_open())
            break;
        keep_alive = !response && parser.keep_alive() && !c.closing_;
        const bool complete = !response;
        const unsigned version = parser.is_header_done() ? parser.get().version() : 11;
        const bool head = parser.is_header_done() && parser.get().method() == http::verb::head;
        if (complete) {
            auto& message = parser.get();
            Request request;
            request.method = head ? "GET" : std::string(message.method_string());
            request.client = client_of(c.socket_.native_handle());
            request.content_type = std::string(message[http::field::content_type]);
            request.accept = std::string(message[http::field::accept]);
            request.last_event_id = std::string(message["Last-Event-ID"]);
            if (parse_target(std::string_view(message.target().data(), message.target().size()),
                             request)) {
                request.body = std::move(message.body());
                c.enter(Step::handling, {});
                response = co_await c.answer(std::move(request));
            } else {
                response = error_response({400, "bad_target", "the request target is wrong", {}});
            }
            keep_alive = keep_alive && !c.closing_;
        }
        if (!c.socket_.is_open())
            break;
        c.state_->bodies_in_hand -= std::exchange(c.body_reserved_, 0);
        c.enter(Step::writing, limits.write_timeout);
        if (response->stream && !head) {
            co_await c.write_stream(std::move(*response), version);
            break;
        }
        const bool written = co_await c.write(std::move(*response), head, keep_alive, version);
        if (!written)
            break;
        if (!complete)
            co_await c.linger();
    }
    c.close();
}

asio::awaitable<bool> Connection::wait_for_request() {
    if (closing_ || !socket_.is_open())
        co_return false;
    if (buffer_.size() > 0)
        co_return true; // pipelined
    if (buffer_.capacity() > buffer_kept)
        buffer_ = {};
    enter(Step::idle, state_->limits.idle_timeout);
    error_code error;
    const std::size_t got = co_await socket_.async_read_some(
        buffer_.prepare(first_read), asio::redirect_error(asio::use_awaitable, error));
    buffer_.commit(got);
    co_return !error && got > 0;
}

/// Reads one request into `parser`. An answer means that it could not be read, and that the
/// connection ends after that answer; a closed socket means that there is nobody to tell.
asio::awaitable<std::optional<Response>> Connection::read_request(Parser& parser) {
    const ServerLimits& limits = state_->limits;
    error_code error;
    const auto token = [&error] { return asio::redirect_error(asio::use_awaitable, error); };
    co_await http::async_read_header(socket_, buffer_, parser, token());

    if (!error && !parser.is_done()) {
        const auto length = parser.content_length();
        if (length && *length > limits.max_body)
            co_return too_large(limits.max_body);
        const std::size_t reserve = static_cast<std::size_t>(length.value_or(limits.max_body));
        if (state_->bodies_in_hand + reserve > limits.max_bodies_in_hand &&
            state_->bodies_in_hand > 0)
            co_return error_response(
                {503, "busy", "too many bytes of requests are in hand", {}, 1});
        state_->bodies_in_hand += reserve;
        body_reserved_ = reserve;
        if (boost::beast::iequals(parser.get()[http::field::expect], "100-continue")) {
            static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
            co_await asio::async_write(socket_, asio::buffer(go_on), token());
        }
        if (!error)
            co_await http::async_read(socket_, buffer_, parser, token());
    }
    if (!error)
        co_return std::nullopt;
    if (timed_out_) {
        timed_out_ = false;
        co_return error_response({408, "timeout",
                                  "the request was not complete after " +
                                      std::to_string(limits.read_timeout.count()) + " ms",
                                  {}});
    }
    if (is_http_error(error))
        co_return from_parse_error(error, limits);
    close();
    co_return std::nullopt;
}

asio::awaitable<Response> Connection::answer(Request&& request) {
    response_.reset();
    answered_.expires_at(asio::steady_timer::time_point::max());
    Responder respond([weak = weak_from_this(), state = std::weak_ptr(state_)](Response&& r) {
        const auto alive = state.lock();
        if (!alive)
            return;
        asio::dispatch(alive->io, [weak, answer = std::move(r)]() mutable {
            if (const auto self = weak.lock()) {
                self->response_ = std::move(answer);
                self->answered_.cancel();
            }
        });
    });
    state_->handler(std::move(request), std::move(respond));
    while (!response_ && socket_.is_open()) {
        error_code ignored;
        co_await answered_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    Response response = response_ ? std::move(*response_) : Response{};
    response_.reset();
    co_return response;
}

asio::awaitable<bool> Connection::write(Response&& response, bool head, bool keep_alive,
                                        unsigned version) {
    http::response<http::string_body> message(header_of(response, version));
    message.keep_alive(keep_alive);
    error_code error;
    const auto token = [&error] { return asio::redirect_error(asio::use_awaitable, error); };
    if (head) {
        http::response<http::empty_body> bare(std::move(message.base()));
        if (!response.stream)
            bare.content_length(response.body.size());
        co_await http::async_write(socket_, bare, token());
    } else {
        message.body() = std::move(response.body);
        message.prepare_payload();
        co_await http::async_write(socket_, message, token());
    }
    timed_out_ = false;
    co_return !error;
}

/// A body without a length: in chunks, or (HTTP/1.0) until the connection ends.
asio::awaitable<bool> Connection::write_stream(Response&& response, unsigned version) {
    http::response<http::empty_body> message(header_of(response, version));
    const bool chunked = version >= 11;
    message.chunked(chunked);
    message.keep_alive(false);
    http::response_serializer<http::empty_body> serializer(message);
    error_code error;
    co_await http::async_write_header(socket_, serializer,
                                      asio::redirect_error(asio::use_awaitable, error));
    if (error)
        co_return false;
    notice_hang_up();
    response.stream->on_more([weak = weak_from_this(), state = std::weak_ptr(state_)] {
        if (const auto alive = state.lock())
            asio::post(alive->io, [weak] {
                if (const auto self = weak.lock())
                    self->answered_.cancel();
            });
    });
    const bool written = co_await write_pieces(std::move(response.stream), chunked);
    co_return written;
}

asio::awaitable<bool> Connection::write_pieces(std::shared_ptr<BodyStream> stream, bool chunked) {
    error_code error;
    const auto token = [&error] { return asio::redirect_error(asio::use_awaitable, error); };
    while (!error && socket_.is_open()) {
        const std::optional<std::string> piece = stream->take();
        enter(piece && piece->empty() ? Step::handling : Step::writing,
              state_->limits.write_timeout);
        if (piece && piece->empty()) {
            answered_.expires_at(asio::steady_timer::time_point::max());
            co_await answered_.async_wait(token());
            error = {};
        } else if (!piece) {
            if (chunked)
                co_await asio::async_write(socket_, http::make_chunk_last(), token());
            co_return !error;
        } else if (chunked) {
            co_await asio::async_write(socket_, http::make_chunk(asio::buffer(*piece)), token());
        } else {
            co_await asio::async_write(socket_, asio::buffer(*piece), token());
        }
    }
    if (std::exchange(timed_out_, false))
        stream->too_slow();
    co_return false;
}

/// Closes the socket when the client does: while nothing is written nobody else would notice.
void Connection::notice_hang_up() {
    socket_.async_wait(Socket::wait_read, [weak = weak_from_this()](const error_code& error) {
        const auto self = weak.lock();
        char byte = 0;
        if (self && !error &&
            ::recv(self->socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
            self->close();
    });
}

/// Ends a connection whose client may still be sending: closing with unread bytes would reset it
/// and could lose the answer on its way.
asio::awaitable<void> Connection::linger() {
    error_code error;
    socket_.shutdown(Socket::shutdown_send, error);
    enter(Step::idle, linger_time);
    buffer_ = {};
    std::array<char, 16384> sink; // NOLINT: never read
    std::size_t taken = 0;
    while (!error && taken < linger_bytes) {
        const std::size_t got = co_await socket_.async_read_some(
            asio::buffer(sink), asio::redirect_error(asio::use_awaitable, error));
        taken += got;
    }
}

asio::awaitable<void> Connection::refuse(std::shared_ptr<Connection> self) {
    Connection& c = *self;
    ++c.state_->lingering;
    c.enter(Step::writing, linger_time);
    Response response =
        error_response({503, "too_many_connections", "too many connections are open", {}, 1});
    const bool written = co_await c.write(std::move(response), false, false, 11);
    if (written)
        co_await c.linger();
    c.close();
    --c.state_->lingering;
}

} // namespace runner::api
