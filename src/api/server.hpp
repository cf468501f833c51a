// SPDX-License-Identifier: GPL-2.0-or-later
// The HTTP/1.1 server: one thread, any number of listening sockets, and limits on every resource
// that a client can use. Handlers answer asynchronously; a slow client never blocks another.
#pragma once

#include "api/access.hpp"
#include "api/listen.hpp"
#include "api/message.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

namespace runner::api {

struct ServerLimits {
    std::size_t max_body = 32U << 20U;           ///< bytes of one request's body, else 413
    std::size_t max_header = 16U << 10U;         ///< bytes of its header, else 431
    std::size_t max_bodies_in_hand = 96U << 20U; ///< bytes of all bodies held at once, else 503
    std::size_t max_connections = 1024;          ///< one more gets 503 and is closed
    std::size_t max_connections_of_client = 512; ///< of a user of the socket, a token, an address
    std::chrono::milliseconds idle_timeout{60'000};  ///< between requests
    std::chrono::milliseconds read_timeout{15'000};  ///< for a whole request, else 408
    std::chrono::milliseconds write_timeout{15'000}; ///< for a whole answer
};

struct ServerCounts {
    std::size_t connections = 0; ///< open now
    std::size_t refused = 0;     ///< since the start, because there were too many
    std::size_t timeouts =
        0; ///< requests not received and responses not read in time, since the start
};

class Server {
public:
    /// Starts the thread and serves `listeners`. `handler` is called on that thread and must not
    /// block; its Responder may be used from anywhere, even after the server is gone.
    Server(std::vector<Listener> listeners, const ServerLimits& limits, AccessRules access,
           Handler handler);
    /// Closes everything immediately.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// New limits for requests from now on. Thread-safe.
    void set_limits(const ServerLimits& limits);

    /// New tokens, for requests whose head arrives from now on. Thread-safe.
    void set_access(AccessRules rules);

    /// Stops listening, closes idle connections, lets requests in flight finish. Connections that
    /// were made before and have not sent a request yet get a second to do so. `last`: no server
    /// of this process takes over the sockets, so connections that the kernel has queued are
    /// served, too, unless the socket is inherited. Thread-safe.
    void drain(bool last);
    /// After drain(): waits until all connections are gone, at most `timeout`; false when some are
    /// left.
    bool wait_drained(std::chrono::milliseconds timeout);

    [[nodiscard]] ServerCounts counts() const noexcept;
    /// When the network thread was last active; for the watchdog.
    [[nodiscard]] std::chrono::steady_clock::time_point last_alive() const noexcept;

private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

} // namespace runner::api
