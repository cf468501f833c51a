// SPDX-License-Identifier: GPL-2.0-or-later
// One request to a local runner, for the commands that need one.
#pragma once

#include <chrono>
#include <string>

namespace runner::api {

struct ClientResponse {
    unsigned status = 0;
    std::string body;
};

/// Sends a request with a body of JSON (empty: none) over the Unix socket; errors as get().
[[nodiscard]] ClientResponse send(const std::string& socket, const std::string& method,
                                  const std::string& target, const std::string& body,
                                  std::chrono::milliseconds timeout = std::chrono::seconds(30));

/// Sends a request to the Unix socket at `socket`. Throws base::UnavailableError when no process
/// listens there or no answer comes within `timeout`, base::PermissionError when the socket may not
/// be used.
[[nodiscard]] ClientResponse get(const std::string& socket, const std::string& target,
                                 std::chrono::milliseconds timeout = std::chrono::seconds(5));

} // namespace runner::api
