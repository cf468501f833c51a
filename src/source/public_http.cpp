// SPDX-License-Identifier: GPL-2.0-or-later
// The lists of addresses are the special-purpose registries of IANA (RFC 6890).
#include "source/public_http.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <netinet/in.h>
#include <utility>

namespace runner::source {

namespace {

struct Net4 {
    std::uint32_t first;
    unsigned bits;
};

constexpr std::uint32_t v4(unsigned a, unsigned b, unsigned c, unsigned d) {
    return a << 24U | b << 16U | c << 8U | d;
}

constexpr std::array not_public4{
    Net4{v4(0, 0, 0, 0), 8},       // this network
    Net4{v4(10, 0, 0, 0), 8},      // private
    Net4{v4(100, 64, 0, 0), 10},   // shared by customers of a provider
    Net4{v4(127, 0, 0, 0), 8},     // loopback
    Net4{v4(169, 254, 0, 0), 16},  // link-local; services for virtual machines
    Net4{v4(172, 16, 0, 0), 12},   // private
    Net4{v4(192, 0, 0, 0), 24},    // protocols
    Net4{v4(192, 0, 2, 0), 24},    // documentation
    Net4{v4(192, 88, 99, 0), 24},  // relays of 6to4
    Net4{v4(192, 168, 0, 0), 16},  // private
    Net4{v4(198, 18, 0, 0), 15},   // benchmarks
    Net4{v4(198, 51, 100, 0), 24}, // documentation
    Net4{v4(203, 0, 113, 0), 24},  // documentation
    Net4{v4(224, 0, 0, 0), 4},     // multicast
    Net4{v4(240, 0, 0, 0), 4},     // reserved, and broadcast
};

bool is_public4(std::uint32_t address) noexcept {
    return std::none_of(not_public4.begin(), not_public4.end(), [&](const Net4& net) {
        return (address ^ net.first) >> (32U - net.bits) == 0;
    });
}

using Bytes6 = std::array<std::uint8_t, 16>;

struct Net6 {
    Bytes6 first;
    unsigned bits;
};

// of 2000::/3; nothing else is public
constexpr std::array not_public6{
    Net6{{0x20, 0x01, 0x00}, 23},       // protocols, among them Teredo
    Net6{{0x20, 0x01, 0x0d, 0xb8}, 32}, // documentation
    Net6{{0x3f, 0xff}, 20},             // documentation
};

bool begins_with(const Bytes6& address, const Net6& net) noexcept {
    const unsigned whole = net.bits / 8;
    if (!std::equal(address.begin(), address.begin() + whole, net.first.begin()))
        return false;
    const unsigned rest = net.bits % 8;
    return rest == 0 || (address[whole] ^ net.first[whole]) >> (8U - rest) == 0;
}

bool is_public6(const Bytes6& address) noexcept {
    const auto carried = [&](std::size_t at) {
        return v4(address[at], address[at + 1], address[at + 2], address[at + 3]);
    };
    constexpr Net6 mapped{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96};
    constexpr Net6 nat64{{0x00, 0x64, 0xff, 0x9b}, 96};
    constexpr Net6 six_to_four{{0x20, 0x02}, 16};
    constexpr Net6 global_unicast{{0x20}, 3};
    if (begins_with(address, mapped) || begins_with(address, nat64))
        return is_public4(carried(12));
    if (begins_with(address, six_to_four))
        return is_public4(carried(2));
    return begins_with(address, global_unicast) &&
           std::none_of(not_public6.begin(), not_public6.end(),
                        [&](const Net6& net) { return begins_with(address, net); });
}

bool address_is_public(const sockaddr& address) noexcept { return is_public(address); }

bool any_address(const sockaddr& /*address*/) noexcept { return true; }

HttpLimits limits_of(PublicAddressPolicy policy, PublicHttpLimits limits) {
    HttpLimits made;
    made.timeout = limits.timeout;
    made.connections = limits.connections;
    made.interrupted = limits.interrupted;
    made.max_body = limits.max_body;
    made.max_redirects = 0;
    made.https_only = !policy.allow_http;
    made.address_allowed = policy.allow_private ? any_address : address_is_public;
    return made;
}

} // namespace

bool is_public(const sockaddr& address) noexcept {
    if (address.sa_family == AF_INET) {
        sockaddr_in in{};
        std::memcpy(&in, &address, sizeof in);
        return is_public4(ntohl(in.sin_addr.s_addr));
    }
    if (address.sa_family == AF_INET6) {
        sockaddr_in6 in{};
        std::memcpy(&in, &address, sizeof in);
        Bytes6 bytes{};
        std::memcpy(bytes.data(), &in.sin6_addr, bytes.size());
        return is_public6(bytes);
    }
    return false;
}

std::string public_url_problem(std::string_view url, PublicAddressPolicy policy) {
    const char* const wanted = policy.allow_http ? "is no http or https URL" : "is no https URL";
    const auto parsed = boost::urls::parse_uri(url);
    if (!parsed || parsed->host().empty())
        return wanted;
    const auto scheme = parsed->scheme_id();
    if (scheme != boost::urls::scheme::https &&
        !(policy.allow_http && scheme == boost::urls::scheme::http))
        return wanted;
    if (parsed->has_userinfo())
        return "has a user name";
    if (parsed->has_port() && parsed->port_number() == 0)
        return "has no valid port";
    if (policy.allow_private)
        return {};
    bool may = true;
    if (parsed->host_type() == boost::urls::host_type::ipv4)
        may = is_public4(parsed->host_ipv4_address().to_uint());
    else if (parsed->host_type() == boost::urls::host_type::ipv6)
        may = is_public6(parsed->host_ipv6_address().to_bytes());
    return may ? "" : "has an address that is not public";
}

PublicHttp::PublicHttp(PublicAddressPolicy policy, PublicHttpLimits limits)
    : policy_(policy), client_(limits_of(policy, limits)) {}

std::vector<HttpAnswer> PublicHttp::fetch(const std::vector<HttpRequest>& requests) {
    std::vector<HttpAnswer> answers(requests.size());
    std::vector<HttpRequest> good;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < requests.size(); ++i) {
        if (const std::string problem = public_url_problem(requests[i].url, policy_);
            !problem.empty()) {
            answers[i].error = "the URL " + problem;
        } else {
            good.push_back(requests[i]);
            places.push_back(i);
        }
    }
    auto fetched = client_.fetch(good);
    for (std::size_t i = 0; i < fetched.size(); ++i) {
        HttpAnswer& answer = answers[places[i]] = std::move(fetched[i]);
        if (!answer.refused_address.empty()) {
            answer.transient = false;
            answer.error = "the address " + answer.refused_address + " is not public";
        }
    }
    return answers;
}

HttpAnswer PublicHttp::get(const std::string& url, std::vector<std::string> headers) {
    return std::move(fetch({{url, {}, std::move(headers)}}).front());
}

HttpAnswer PublicHttp::post(const std::string& url, std::string body,
                            std::vector<std::string> headers) {
    return std::move(fetch({{url, std::move(body), std::move(headers)}}).front());
}

} // namespace runner::source
