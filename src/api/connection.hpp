// SPDX-License-Identifier: GPL-2.0-or-later
// One connection of the HTTP server: reads requests one after the other, hands them over, writes
// the answers. Internal to server.cpp and connection.cpp; everything runs on the network thread.
#pragma once

#include "api/server.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <atomic>
#include <list>
#include <memory>
#include <optional>

namespace runner::api {

class Connection;

/// What the connections of one server share.
struct ServerState {
    explicit ServerState(Handler h) : handler(std::move(h)) {}

    boost::asio::io_context io{1};
    Handler handler;
    ServerLimits limits;
    std::list<Connection*> connections;
    std::size_t bodies_in_hand = 0;
    std::size_t lingering = 0; ///< refused connections that are being closed politely
    bool draining = false;
    std::atomic<std::size_t> open{0};
    std::atomic<std::size_t> refused{0};
    std::atomic<std::size_t> timeouts{0};
};

class Connection : public std::enable_shared_from_this<Connection> {
public:
    using Socket = boost::asio::generic::stream_protocol::socket;
    using Clock = std::chrono::steady_clock;

    Connection(std::shared_ptr<ServerState> state, Socket socket);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Serves requests until one side ends it.
    static boost::asio::awaitable<void> serve(std::shared_ptr<Connection> self);
    /// Answers 503 before any request and closes.
    static boost::asio::awaitable<void> refuse(std::shared_ptr<Connection> self);

    /// Called now and then: breaks off what takes longer than its limit.
    void check_deadline(Clock::time_point now);
    /// No further request; an idle connection is closed at once.
    void drain();
    void close() noexcept;

private:
    using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
    enum class Step { idle, reading, handling, writing };

    void enter(Step step, std::chrono::milliseconds limit);
    boost::asio::awaitable<bool> wait_for_request();
    boost::asio::awaitable<std::optional<Response>> read_request(Parser& parser);
    boost::asio::awaitable<Response> answer(Request&& request);
    boost::asio::awaitable<bool> write(Response&& response, bool head, bool keep_alive,
                                       unsigned version);
    boost::asio::awaitable<bool> write_stream(Response&& response, unsigned version);
    boost::asio::awaitable<bool> write_pieces(std::shared_ptr<BodyStream> stream, bool chunked);
    void notice_hang_up();
    boost::asio::awaitable<void> linger();

    std::shared_ptr<ServerState> state_;
    std::list<Connection*>::iterator place_;
    Socket socket_;
    boost::beast::flat_buffer buffer_;
    boost::asio::steady_timer answered_; ///< cancelled when the answer, or more of it, is there
    std::optional<Response> response_;
    Step step_ = Step::idle;
    Clock::time_point deadline_ = Clock::time_point::max();
    bool timed_out_ = false;
    bool closing_ = false;
    std::size_t body_reserved_ = 0;
};

} // namespace runner::api
