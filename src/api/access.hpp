// SPDX-License-Identifier: GPL-2.0-or-later
// Access control. The file permissions of the Unix socket say who may use it; over TCP any
// program on the machine, and any web page in a browser there, could connect, so a request needs
// a token and may not come from a foreign web page. Nothing here does input or output.
#pragma once

#include "api/message.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace runner::api {

struct AccessToken {
    std::string secret;
    std::string name;               ///< for logs and shares; reveals nothing of the secret
    std::vector<std::string> wikis; ///< that it may access; empty: everything
};

struct AccessRules {
    bool tcp_needs_token = true; ///< also while there is none
    std::vector<AccessToken> tokens;
    std::vector<std::string> origins = {}; ///< of web pages that may use the API

    [[nodiscard]] bool allows(std::string_view origin) const noexcept;
};

/// The relevant parts of a request head. The texts belong to the caller.
struct RequestHead {
    bool tcp = false;
    bool has_body = false;
    bool preflight = false; ///< a browser asks whether a page may send a request; it has no token
    std::string_view target;
    std::string_view host;
    const std::string* origin = nullptr; ///< null: the field is missing
    std::string_view authorization;
    std::string_view content_type;
};

/// The client; null: one that needs no token.
using Admitted = std::shared_ptr<const Client>;

/// Either the client (null for a preflight from an allowed origin), or the answer that refuses: 403
/// for a foreign Host or Origin, 401 without a good token, 415 for a body that is not JSON. A token
/// that is sent over the Unix socket restricts access to its wikis, too.
[[nodiscard]] std::variant<Admitted, ApiError> admit(const AccessRules& rules,
                                                     const RequestHead& head);

/// Whether `authority` ("localhost:8090") names this machine's loopback.
[[nodiscard]] bool is_loopback_host(std::string_view authority) noexcept;

} // namespace runner::api
