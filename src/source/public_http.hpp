// SPDX-License-Identifier: GPL-2.0-or-later
// Requests to addresses that a client of the API named: to the public internet only, unless the
// configuration allows more, so that no client reaches what only this host can reach.
//
// The check is made on the address of each socket before it connects (HttpLimits::address_allowed),
// after the name was resolved. A name that resolves to something else a moment later (DNS
// rebinding), a number in a strange notation ("http://0x7f.1/") and a host with a public and a
// private address all come to the same check. Redirects are not followed, and no proxy is used.
#pragma once

#include "source/http_client.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <vector>

namespace runner::source {

struct PublicAddressPolicy {
    bool allow_private = false; ///< loopback, private networks and all others too
    bool allow_http = false;    ///< not encrypted
};

/// Whether the address (IPv4 or IPv6; others are not) is one of the public internet: not of this
/// host or network, private, shared (RFC 6598), link-local, unique-local, multicast, reserved, or
/// for documentation. An IPv6 address that carries an IPv4 address (mapped, 6to4, NAT64) is as
/// public as that one.
[[nodiscard]] bool is_public(const sockaddr& address) noexcept;

/// Why `url` can't be requested under the policy ("is no https URL"), empty when it can. Looks at
/// the text alone: the address of a name is checked when it is connected to, that of a number
/// ("https://10.0.0.1/") here too.
[[nodiscard]] std::string public_url_problem(std::string_view url, PublicAddressPolicy policy);

struct PublicHttpLimits {
    std::chrono::milliseconds timeout{10'000};      ///< from resolving to the last byte
    std::size_t max_body = std::size_t{1} << 20;    ///< bytes of an answer, unpacked
    std::size_t connections = 4;                    ///< at once, of one call
    const std::atomic<bool>* interrupted = nullptr; ///< see HttpLimits
};

/// Thread-safe. The answers are those of HttpClient, with a redirect's status as it came; an
/// address that may not be connected to is an error that is not transient, with `refused_address`.
class PublicHttp {
public:
    PublicHttp(PublicAddressPolicy policy, PublicHttpLimits limits);

    [[nodiscard]] HttpAnswer get(const std::string& url, std::vector<std::string> headers = {});
    /// `headers`: "Name: value", among them Content-Type. `body` is not empty.
    [[nodiscard]] HttpAnswer post(const std::string& url, std::string body,
                                  std::vector<std::string> headers);
    /// Several at once; one answer for each, in their order.
    [[nodiscard]] std::vector<HttpAnswer> fetch(const std::vector<HttpRequest>& requests);

private:
    const PublicAddressPolicy policy_;
    HttpClient client_;
};

} // namespace runner::source
