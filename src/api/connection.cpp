// SPDX-License-Identifier: GPL-2.0-or-later
// Timeouts are deadlines that the server's sweep looks at, rather than Beast's stream timeouts:
// those close the socket, and a client that was too slow should still get a 408.
#include "api/connection.hpp"

#include "api/encoding.hpp"
#include "api/http_head.hpp"
#include "api/shares.hpp"
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

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>
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
// when there are too many connections, those that take longer give way
constexpr std::chrono::milliseconds silence_allowed{500};
constexpr std::chrono::milliseconds idleness_allowed{2000};
constexpr std::chrono::milliseconds request_allowed_while_draining{1000};

Response too_large(std::size_t limit) {
    return error_response(
        {413, "body_too_large", "the body has more than " + std::to_string(limit) + " bytes", {}});
}

Response header_too_large(std::size_t limit) {
    return error_response({431,
                           "header_too_large",
                           "the header has more than " + std::to_string(limit) + " bytes",
                           {}});
}

Response from_parse_error(const error_code& error, const ServerLimits& limits) {
    if (error == http::error::body_limit)
        return too_large(limits.max_body);
    if (error == http::error::header_limit || error == http::error::buffer_overflow)
        return header_too_large(limits.max_header);
    return error_response(bad_http(error.message()));
}

Response too_many(const char* what) {
    return error_response({503, "too_many_connections", what, {}, 1});
}

/// `origin`: of a web page that may read the answer; empty: none.
http::response_header<> header_of(const Response& response, unsigned version,
                                  const std::string& origin) {
    http::response_header<> header;
    header.version(version);
    header.result(response.status);
    header.set(http::field::server, "constraint-runner/" VERSION);
    if (!response.content_type.empty())
        header.set(http::field::content_type, response.content_type);
    for (const auto& [name, value] : response.headers)
        header.set(name, value);
    if (!origin.empty()) {
        header.set(http::field::access_control_allow_origin, origin);
        header.set(http::field::access_control_expose_headers,
                   "Dump-Position, ETag, Link, Location, Retry-After");
        const std::string more(header[http::field::vary]);
        header.set(http::field::vary, more.empty() ? "Origin" : "Origin, " + more);
    }
    return header;
}

/// What an allowed page may send.
Response preflight_response() {
    Response response;
    response.status = 204;
    response.content_type.clear();
    response.headers = {{"Access-Control-Allow-Methods", "GET, HEAD, POST, DELETE"},
                        {"Access-Control-Allow-Headers",
                         "Authorization, Content-Type, If-None-Match, Last-Event-ID"},
                        {"Access-Control-Max-Age", "600"}};
    return response;
}

struct Peer {
    std::string name;
    bool tcp = false;
};

/// The peer, as far as the kernel reports it.
Peer peer_of(int socket) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0 &&
        address.ss_family == AF_UNIX) {
        ucred credentials{};
        size = sizeof credentials;
        const bool known = ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0;
        return {known ? "uid " + std::to_string(credentials.uid) : "unknown", false};
    }
    size = sizeof address;
    char text[INET6_ADDRSTRLEN] = "";
    if (::getpeername(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0) {
        const void* number =
            address.ss_family == AF_INET6
                ? static_cast<const void*>(&reinterpret_cast<sockaddr_in6*>(&address)->sin6_addr)
                : static_cast<const void*>(&reinterpret_cast<sockaddr_in*>(&address)->sin_addr);
        ::inet_ntop(address.ss_family, number, text, sizeof text);
    }
    return {std::string("tcp ") + text, true};
}

std::string_view text_of(const auto& beast_text) noexcept {
    return {beast_text.data(), beast_text.size()};
}

bool is_http_error(const error_code& error) {
    return error.category() == make_error_code(http::error::bad_method).category() &&
           error != http::error::end_of_stream && error != http::error::partial_message;
}

} // namespace

Connection::Connection(std::shared_ptr<ServerState> state, Socket socket)
    : state_(std::move(state)), place_(state_->connections.insert(state_->connections.end(), this)),
      socket_(std::move(socket)), answered_(state_->io) {
    ++state_->open;
    Peer peer = peer_of(socket_.native_handle());
    tcp_ = peer.tcp;
    peer_ = std::move(peer.name);
}

Connection::~Connection() {
    state_->bodies_in_hand -= body_reserved_;
    state_->connections.erase(place_);
    count_no_more();
    if (lingering_)
        --state_->lingering;
    --state_->open;
}

void Connection::count_as(std::string peer) {
    count_no_more();
    peer_ = std::move(peer);
    ++state_->by_client[peer_];
    ++state_->counted;
    counted_ = true;
}

void Connection::count_no_more() {
    if (!std::exchange(counted_, false))
        return;
    --state_->counted;
    const auto at = state_->by_client.find(peer_);
    if (--at->second == 0)
        state_->by_client.erase(at);
}

void Connection::begin_lingering() {
    count_no_more();
    if (!std::exchange(lingering_, true))
        ++state_->lingering;
}

Connection::Dispensable Connection::dispensable(Clock::time_point now) const noexcept {
    if (!counted_ || closing_ || evicted_)
        return Dispensable::no;
    const auto waits = now - since_;
    const bool no_request = step_ == Step::reading || (step_ == Step::idle && !served_);
    if (no_request)
        return waits >= silence_allowed ? Dispensable::silent : Dispensable::young;
    return step_ == Step::idle && waits >= idleness_allowed ? Dispensable::idle : Dispensable::no;
}

void Connection::evict() {
    ++state_->refused;
    evicted_ = true;
    const bool tell = state_->lingering < max_lingering;
    begin_lingering();
    error_code ignored;
    if (tell)
        socket_.cancel(ignored);
    else
        close();
}

void Connection::enter(Step step, std::chrono::milliseconds limit) {
    step_ = step;
    since_ = Clock::now();
    deadline_ = step == Step::handling ? Clock::time_point::max() : since_ + limit;
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

bool Connection::has_unread_bytes() const noexcept {
    char byte = 0;
    const int fd = const_cast<Socket&>(socket_).native_handle();
    return ::recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

void Connection::drain() {
    closing_ = true;
    if (step_ != Step::idle)
        return;
    if (!served_ || has_unread_bytes()) {
        deadline_ = std::min(deadline_, Clock::now() + request_allowed_while_draining);
    } else {
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
    c.count_as(c.peer_);
    // g++ 12 evaluates `a && co_await b` without looking at a: each co_await is a statement here
    bool keep_alive = true;
    while (keep_alive) {
        const bool came = co_await c.wait_for_request();
        if (!came) {
            if (c.evicted_ && !c.served_ && c.socket_.is_open())
                co_await refuse(self);
            break;
        }
        const ServerLimits& limits = c.state_->limits;
        c.enter(Step::reading, limits.read_timeout);
        Parser parser;
        parser.header_limit(static_cast<std::uint32_t>(limits.max_header));
        parser.body_limit(limits.max_body);
        std::optional<Response> response = co_await c.read_request(parser);
        if (!c.socket_.is_open())
            break;
        keep_alive = !response && parser.keep_alive() && !c.closing_ && !c.evicted_;
        const bool complete = !response;
        const unsigned version = parser.is_header_done() ? parser.get().version() : 11;
        const bool head = parser.is_header_done() && parser.get().method() == http::verb::head;
        if (complete && std::exchange(c.preflight_, false)) {
            response = preflight_response();
        } else if (complete) {
            Request request = c.request_of(parser);
            if (parse_target(text_of(parser.get().target()), request)) {
                request.body = std::move(parser.get().body());
                c.enter(Step::handling, {});
                response = co_await c.answer(std::move(request));
            } else {
                response = error_response({400, "bad_target", "the request target is wrong", {}});
            }
            keep_alive = keep_alive && !c.closing_;
        }
        if (!c.socket_.is_open())
            break;
        c.served_ = true;
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

Request Connection::request_of(Parser& parser) const {
    const auto& message = parser.get();
    Request request;
    request.method =
        message.method() == http::verb::head ? "GET" : std::string(message.method_string());
    request.token = client_;
    request.client = client_ ? client_->name : tcp_ ? "tcp" : peer_;
    request.content_type = std::string(message[http::field::content_type]);
    request.accept = std::string(message[http::field::accept]);
    request.last_event_id = std::string(message["Last-Event-ID"]);
    request.accept_encoding = std::string(message[http::field::accept_encoding]);
    request.if_none_match = std::string(message[http::field::if_none_match]);
    return request;
}

asio::awaitable<bool> Connection::wait_for_request() {
    if (!socket_.is_open() || (closing_ && served_))
        co_return false;
    if (buffer_.size() > 0)
        co_return true; // pipelined
    if (buffer_.capacity() > buffer_kept)
        buffer_ = {};
    enter(Step::idle, closing_ ? request_allowed_while_draining : state_->limits.idle_timeout);
    error_code error;
    const std::size_t got = co_await socket_.async_read_some(
        buffer_.prepare(first_read), asio::redirect_error(asio::use_awaitable, error));
    buffer_.commit(got);
    co_return !error && got > 0;
}

/// Reads the head into `parser`. An answer means that it is refused.
asio::awaitable<std::optional<Response>> Connection::read_head(Parser& parser, error_code& error) {
    const std::size_t limit = state_->limits.max_header;
    HeadScanner scanner;
    for (;;) {
        const auto came = buffer_.data();
        const auto state = scanner.look({static_cast<const char*>(came.data()), came.size()});
        if (state == HeadScanner::State::bad)
            co_return error_response(bad_http(scanner.problem()));
        if (scanner.size() > limit)
            co_return header_too_large(limit);
        if (state == HeadScanner::State::complete)
            break;
        const std::size_t got = co_await socket_.async_read_some(
            buffer_.prepare(first_read), asio::redirect_error(asio::use_awaitable, error));
        buffer_.commit(got);
        if (error)
            co_return std::nullopt;
    }
    buffer_.consume(parser.put(asio::buffer(buffer_.data(), scanner.size()), error));
    if (error)
        co_return std::nullopt;
    auto problem = head_problem(parser.get());
    if (!problem)
        problem = admit_request(parser);
    if (problem)
        co_return error_response(*problem);
    co_return std::nullopt;
}

/// Before reading the body: unauthorized clients must not send one. From here on the connection
/// counts among those of the token.
std::optional<ApiError> Connection::admit_request(const Parser& parser) {
    const auto& message = parser.get();
    const auto origin = message.find(http::field::origin);
    const std::string origin_text =
        origin == message.end() ? std::string() : std::string(origin->value());
    RequestHead head;
    head.tcp = tcp_;
    head.has_body = parser.chunked() || parser.content_length().value_or(0) > 0;
    head.target = text_of(message.target());
    head.host = text_of(message[http::field::host]);
    head.origin = origin == message.end() ? nullptr : &origin_text;
    origin_ = state_->access.allows(origin_text) ? origin_text : std::string();
    preflight_ = !origin_.empty() && message.method() == http::verb::options &&
                 message.count("Access-Control-Request-Method") != 0;
    head.preflight = preflight_;
    head.authorization = text_of(message[http::field::authorization]);
    head.content_type = text_of(message[http::field::content_type]);
    auto admitted = admit(state_->access, head);
    if (auto* error = std::get_if<ApiError>(&admitted))
        return std::move(*error);
    client_ = std::get<Admitted>(std::move(admitted));
    if (!client_ || client_->name == peer_ || evicted_)
        return std::nullopt;
    count_no_more();
    if (!make_room(*state_, client_->name)) {
        ++state_->refused;
        begin_lingering();
        return ApiError{503, "too_many_connections", "too many connections of this token", {}, 1};
    }
    count_as(client_->name);
    return std::nullopt;
}

asio::awaitable<std::optional<Response>> Connection::read_body(Parser& parser, error_code& error) {
    const ServerLimits& limits = state_->limits;
    const auto length = parser.content_length();
    if (length && *length > limits.max_body)
        co_return too_large(limits.max_body);
    const std::size_t reserve = static_cast<std::size_t>(length.value_or(limits.max_body));
    if (state_->bodies_in_hand + reserve > limits.max_bodies_in_hand && state_->bodies_in_hand > 0)
        co_return error_response({503, "busy", "too many bytes of requests are in flight", {}, 1});
    state_->bodies_in_hand += reserve;
    body_reserved_ = reserve;
    const auto token = [&error] { return asio::redirect_error(asio::use_awaitable, error); };
    if (boost::beast::iequals(parser.get()[http::field::expect], "100-continue")) {
        static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        co_await asio::async_write(socket_, asio::buffer(go_on), token());
    }
    if (!error)
        co_await http::async_read(socket_, buffer_, parser, token());
    co_return std::nullopt;
}

/// Reads one request into `parser`. An answer means that it could not be read, and that the
/// connection ends after that answer; a closed socket means that no client is left to answer.
asio::awaitable<std::optional<Response>> Connection::read_request(Parser& parser) {
    error_code error;
    std::optional<Response> refused = co_await read_head(parser, error);
    if (!refused && !error && !parser.is_done())
        refused = co_await read_body(parser, error);
    if (refused || !error)
        co_return refused;
    if (evicted_ && socket_.is_open())
        co_return too_many("this connection took too long, and others wait for it");
    if (timed_out_) {
        timed_out_ = false;
        co_return error_response({408,
                                  "timeout",
                                  "the request was not complete after " +
                                      std::to_string(state_->limits.read_timeout.count()) + " ms",
                                  {}});
    }
    if (is_http_error(error))
        co_return from_parse_error(error, state_->limits);
    close();
    co_return std::nullopt;
}

asio::awaitable<Response> Connection::answer(Request&& request) {
    response_.reset();
    answered_.expires_at(asio::steady_timer::time_point::max());
    Responder respond([weak = weak_from_this(), state = std::weak_ptr(state_),
                       encoding = encoding_of(request)](Response&& r) {
        const auto alive = state.lock();
        if (!alive)
            return;
        asio::dispatch(alive->io, [weak, answer = encode(std::move(r), encoding)]() mutable {
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
    http::response<http::string_body> message(header_of(response, version, origin_));
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
    http::response<http::empty_body> message(header_of(response, version, origin_));
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
        std::optional<std::string> piece;
        try {
            piece = stream->take();
        } catch (const std::exception&) {
            break;
        }
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

/// Closes the socket when the client does: while nothing is written this would go unnoticed.
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
    c.begin_lingering();
    c.enter(Step::writing, linger_time);
    Response response = too_many("too many connections are open");
    const bool written = co_await c.write(std::move(response), false, false, 11);
    if (written)
        co_await c.linger();
    c.close();
}

} // namespace runner::api
