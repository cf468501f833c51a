// SPDX-License-Identifier: GPL-2.0-or-later
// One connection of the HTTP server: reads requests in sequence, passes them on, writes the
// responses. Internal to server.cpp and connection.cpp; everything runs on the network thread.
#pragma once

#include "api/access.hpp"
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
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace runner::api {

class Connection;

/// The shared state of the connections of one server.
struct ServerState {
    explicit ServerState(Handler h) : handler(std::move(h)) {}

    boost::asio::io_context io{1};
    Handler handler;
    ServerLimits limits;
    AccessRules access;
    std::list<Connection*> connections; ///< the oldest first
    std::size_t counted = 0;            ///< connections that are served, or wait for a request
    std::map<std::string, std::size_t> by_client; ///< these by client
    std::size_t bodies_in_hand = 0;
    std::size_t lingering = 0; ///< refused or evicted, and being closed politely
    bool draining = false;
    std::atomic<bool> listens{true}; ///< false: no further connections
    std::atomic<std::size_t> open{0};
    std::atomic<std::size_t> refused{0};
    std::atomic<std::size_t> timeouts{0};
};

class Connection : public std::enable_shared_from_this<Connection> {
public:
    using Socket = boost::asio::generic::stream_protocol::socket;
    using Clock = std::chrono::steady_clock;

    /// Maximum number of connections being closed gracefully; more are closed abruptly.
    static constexpr std::size_t max_lingering = 256;

    Connection(std::shared_ptr<ServerState> state, Socket socket);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Serves requests until one side ends it.
    static boost::asio::awaitable<void> serve(std::shared_ptr<Connection> self);
    /// Answers 503 before any request and closes.
    static boost::asio::awaitable<void> refuse(std::shared_ptr<Connection> self);

    /// Whether it may be closed to make room for another.
    enum class Dispensable {
        no,
        idle,   ///< kept alive after an answer
        young,  ///< not yet silent
        silent, ///< has sent no request, or half of one
    };
    [[nodiscard]] Dispensable dispensable(Clock::time_point now) const noexcept;
    /// Answers 503 and closes, to make room for another connection.
    void evict();
    /// The client: "uid 33" of the Unix socket, "tcp 127.0.0.1", or a token's name.
    [[nodiscard]] const std::string& peer() const noexcept { return peer_; }

    /// Called periodically: aborts steps that exceed their limit.
    void check_deadline(Clock::time_point now);
    /// No further request except one that may be on its way; an idle connection is closed
    /// immediately.
    void drain();
    void close() noexcept;

private:
    using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
    enum class Step { idle, reading, handling, writing };

    void enter(Step step, std::chrono::milliseconds limit);
    [[nodiscard]] bool has_unread_bytes() const noexcept;
    boost::asio::awaitable<bool> wait_for_request();
    boost::asio::awaitable<std::optional<Response>> read_head(Parser& parser,
                                                              boost::system::error_code& error);
    boost::asio::awaitable<std::optional<Response>> read_body(Parser& parser,
                                                              boost::system::error_code& error);
    boost::asio::awaitable<std::optional<Response>> read_request(Parser& parser);
    [[nodiscard]] std::optional<ApiError> admit_request(const Parser& parser);
    [[nodiscard]] Request request_of(Parser& parser) const;
    void count_as(std::string peer);
    void count_no_more();
    /// From now on it is being closed gracefully.
    void begin_lingering();
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
    Clock::time_point since_ = Clock::now(); ///< when the step began
    std::string peer_;
    bool tcp_ = false;
    Admitted client_;    ///< of the present request
    std::string origin_; ///< of the page that sent it, when it may read the answer; else empty
    bool preflight_ = false;
    bool counted_ = false;
    bool lingering_ = false;
    bool evicted_ = false;
    bool served_ = false; ///< a request was answered
    bool timed_out_ = false;
    bool closing_ = false;
    std::size_t body_reserved_ = 0;
};

} // namespace runner::api
