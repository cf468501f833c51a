// SPDX-License-Identifier: GPL-2.0-or-later
#include "api/server.hpp"

#include "api/connection.hpp"
#include "api/shares.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <spdlog/spdlog.h>

#include <list>
#include <sys/socket.h>
#include <thread>
#include <type_traits>
#include <utility>

namespace runner::api {

namespace asio = boost::asio;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::chrono::milliseconds sweep_interval{50};
constexpr std::chrono::milliseconds accept_pause{100}; // out of descriptors: others must close

/// Serves a connection that was accepted, or refuses it.
void take_in(const std::shared_ptr<ServerState>& state, Connection::Socket socket) {
    auto connection = std::make_shared<Connection>(state, std::move(socket));
    if (state->draining)
        connection->drain();
    if (make_room(*state, connection->peer())) {
        asio::co_spawn(state->io, Connection::serve(std::move(connection)), asio::detached);
        return;
    }
    ++state->refused;
    if (state->lingering < Connection::max_lingering) // else not even time for a word
        asio::co_spawn(state->io, Connection::refuse(std::move(connection)), asio::detached);
}

/// Closing the last descriptor of a socket resets the connections that wait in its queue:
/// `take_queued` takes these in before.
template <class Protocol>
void stop_accepting(const std::shared_ptr<ServerState>& state,
                    asio::basic_socket_acceptor<Protocol>& acceptor, bool take_queued) {
    error_code error;
    if (std::is_same_v<Protocol, asio::local::stream_protocol> && take_queued)
        ::shutdown(acceptor.native_handle(), SHUT_RD); // connects are refused, what waits stays
    acceptor.non_blocking(true, error);
    for (std::size_t n = 0; take_queued && !error && n < state->limits.max_connections; ++n) {
        typename Protocol::socket socket(state->io);
        acceptor.accept(socket, error);
        if (!error)
            take_in(state, std::move(socket));
    }
    acceptor.close(error);
}

template <class Protocol>
asio::awaitable<void> accept_from(std::shared_ptr<ServerState> state,
                                  std::shared_ptr<asio::basic_socket_acceptor<Protocol>> acceptor) {
    asio::steady_timer pause(state->io);
    while (acceptor->is_open()) {
        error_code error;
        typename Protocol::socket socket =
            co_await acceptor->async_accept(asio::redirect_error(asio::use_awaitable, error));
        if (error) {
            if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor ||
                state->draining)
                co_return;
            spdlog::warn("accept: {}", error.message());
            pause.expires_after(accept_pause);
            co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
            continue;
        }
        take_in(state, std::move(socket));
    }
}

} // namespace

class Server::Impl {
public:
    Impl(std::vector<Listener> listeners, const ServerLimits& limits, AccessRules access,
         Handler handler)
        : listeners_(std::move(listeners)),
          state_(std::make_shared<ServerState>(std::move(handler))), sweep_(state_->io) {
        state_->limits = limits;
        state_->access = std::move(access);
        for (Listener& listener : listeners_)
            start(listener);
        asio::co_spawn(state_->io, sweep(), asio::detached);
        thread_ = std::thread([this] { run(); });
    }

    ~Impl() {
        state_->io.stop();
        thread_.join();
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    void set_limits(const ServerLimits& limits) {
        asio::post(state_->io, [state = state_, limits] { state->limits = limits; });
    }

    void set_access(AccessRules rules) {
        asio::post(state_->io, [state = state_, rules = std::move(rules)]() mutable {
            state->access = std::move(rules);
        });
    }

    void drain(bool last) {
        asio::post(state_->io, [this, last] {
            state_->draining = true;
            for (Connection* connection : state_->connections)
                connection->drain();
            for (Listener& listener : listeners_)
                listener.remove_file();
            for (const auto& close : closers_)
                close(last);
            state_->listens = false;
        });
    }

    [[nodiscard]] const ServerState& state() const noexcept { return *state_; }
    [[nodiscard]] Clock::time_point last_alive() const noexcept { return last_alive_.load(); }

private:
    void start(Listener& listener) {
        if (listener.family() == Listener::Family::local)
            listen<asio::local::stream_protocol>(listener, {});
        else
            listen<asio::ip::tcp>(listener, listener.family() == Listener::Family::ipv6
                                                ? asio::ip::tcp::v6()
                                                : asio::ip::tcp::v4());
    }

    template <class Protocol>
    void listen(Listener& listener, const Protocol& protocol) {
        auto acceptor = std::make_shared<asio::basic_socket_acceptor<Protocol>>(
            state_->io, protocol, listener.release_fd());
        closers_.emplace_back([state = state_, acceptor, kept = listener.inherited()](bool last) {
            stop_accepting(state, *acceptor, last && !kept);
        });
        asio::co_spawn(state_->io, accept_from<Protocol>(state_, acceptor), asio::detached);
    }

    asio::awaitable<void> sweep() {
        for (;;) {
            sweep_.expires_after(sweep_interval);
            co_await sweep_.async_wait(asio::use_awaitable);
            const auto now = Clock::now();
            last_alive_ = now;
            for (Connection* connection : state_->connections)
                connection->check_deadline(now);
        }
    }

    void run() {
        for (;;) {
            try {
                state_->io.run();
                return;
            } catch (const std::exception& error) {
                spdlog::error("network thread: {}", error.what()); // one connection is lost
            }
        }
    }

    std::vector<Listener> listeners_;
    std::shared_ptr<ServerState> state_;
    std::vector<std::function<void(bool last)>> closers_;
    asio::steady_timer sweep_;
    std::atomic<Clock::time_point> last_alive_{Clock::now()};
    std::thread thread_;
};

Server::Server(std::vector<Listener> listeners, const ServerLimits& limits, AccessRules access,
               Handler handler)
    : impl_(std::make_shared<Impl>(std::move(listeners), limits, std::move(access),
                                   std::move(handler))) {}
Server::~Server() = default;

void Server::set_limits(const ServerLimits& limits) { impl_->set_limits(limits); }
void Server::set_access(AccessRules rules) { impl_->set_access(std::move(rules)); }
void Server::drain(bool last) { impl_->drain(last); }

bool Server::wait_drained(std::chrono::milliseconds timeout) {
    const auto until = Clock::now() + timeout;
    while (impl_->state().listens || impl_->state().open > 0) {
        if (Clock::now() >= until)
            return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

ServerCounts Server::counts() const noexcept {
    const ServerState& state = impl_->state();
    return {state.open, state.refused, state.timeouts};
}

Clock::time_point Server::last_alive() const noexcept { return impl_->last_alive(); }

} // namespace runner::api
