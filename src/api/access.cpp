// SPDX-License-Identifier: GPL-2.0-or-later
// See access.hpp.
#include "api/access.hpp"

#include "api/header_list.hpp"
#include "base/utf8.hpp"

#include <algorithm>
#include <optional>

namespace runner::api {

namespace {

constexpr std::string_view open_path = "/healthz"; // for probes; says only that the process lives

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool same_word(std::string_view a, std::string_view b) noexcept {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

bool is_digits(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Takes the same time wherever the texts differ; their lengths are not secret.
bool same_secret(std::string_view a, std::string_view b) noexcept {
    if (a.size() != b.size())
        return false;
    volatile unsigned char difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        difference = difference | static_cast<unsigned char>(a[i] ^ b[i]);
    return difference == 0;
}

/// The text behind "Bearer"; nothing when the field is of another scheme.
std::optional<std::string_view> bearer(std::string_view authorization) noexcept {
    const std::size_t space = authorization.find(' ');
    if (space == std::string_view::npos || !same_word(authorization.substr(0, space), "bearer"))
        return std::nullopt;
    return trimmed(authorization.substr(space));
}

Admitted client_of(const AccessRules& rules, std::string_view secret) {
    const AccessToken* found = nullptr;
    for (const AccessToken& token : rules.tokens) // all of them, whichever it is
        if (same_secret(token.secret, secret))
            found = &token;
    if (found == nullptr)
        return nullptr;
    return std::make_shared<const Client>(Client{found->name, found->wikis});
}

std::optional<ApiError> foreign(const AccessRules& rules, const RequestHead& head) {
    constexpr std::string_view scheme = "http://";
    const auto refuse = [](const char* code, std::string_view what, std::string_view given) {
        return ApiError{403,
                        code,
                        std::string(what) + json_string(base::utf8_prefix(given, 200)) +
                            " is not of this machine: a request over TCP must name localhost, "
                            "127.0.0.1 or [::1]",
                        {}};
    };
    if (!is_loopback_host(head.host))
        return refuse("foreign_host", "the Host ", head.host);
    if (head.target.starts_with(scheme)) {
        const std::string_view rest = head.target.substr(scheme.size());
        const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
        if (!is_loopback_host(authority))
            return refuse("foreign_host", "the host ", authority);
    }
    // a page that the runner itself served is its own origin; any other page is foreign
    if (head.origin != nullptr && !rules.allows(*head.origin) &&
        !same_word(*head.origin, std::string(scheme) + std::string(head.host)))
        return refuse("foreign_origin", "the Origin ", *head.origin);
    return std::nullopt;
}

bool is_json(std::string_view content_type) noexcept {
    return same_word(trimmed(content_type.substr(0, content_type.find(';'))), "application/json");
}

} // namespace

bool AccessRules::allows(std::string_view origin) const noexcept {
    return std::find(origins.begin(), origins.end(), origin) != origins.end();
}

bool is_loopback_host(std::string_view authority) noexcept {
    std::string_view host = authority;
    const std::size_t colon = authority.rfind(':');
    if (colon != std::string_view::npos && !authority.ends_with(']')) {
        if (colon + 1 == authority.size() || !is_digits(authority.substr(colon + 1)))
            return false;
        host = authority.substr(0, colon);
    }
    if (same_word(host, "localhost") || host == "[::1]")
        return true;
    // 127.a.b.c: a name such as 127.0.0.1.example.org has other parts
    int parts = 0;
    while (parts < 4) {
        const std::size_t dot = std::min(host.find('.'), host.size());
        const std::string_view part = host.substr(0, dot);
        if (part.empty() || part.size() > 3 || !is_digits(part) || (parts == 0 && part != "127"))
            return false;
        ++parts;
        if (dot == host.size())
            return parts == 4;
        host.remove_prefix(dot + 1);
    }
    return false;
}

std::variant<Admitted, ApiError> admit(const AccessRules& rules, const RequestHead& head) {
    if (head.tcp)
        if (auto error = foreign(rules, head))
            return *std::move(error);
    const bool open = head.target.substr(0, head.target.find('?')) == open_path ||
                      (head.preflight && head.origin != nullptr && rules.allows(*head.origin));
    Admitted client;
    const bool needed = head.tcp && (rules.tcp_needs_token || !rules.tokens.empty());
    const bool given = !rules.tokens.empty() && !head.authorization.empty();
    if (!open && (needed || given)) {
        const auto secret = bearer(head.authorization);
        client = secret ? client_of(rules, *secret) : nullptr;
        if (!client)
            return ApiError{401,
                            "no_token",
                            head.authorization.empty()
                                ? "this needs a token: Authorization: Bearer TOKEN"
                                : "the token is not one of this runner",
                            {}};
    }
    if (head.tcp && head.has_body && !is_json(head.content_type))
        return ApiError{
            415, "not_json", "a body must be sent as Content-Type: application/json", {}};
    return client;
}

} // namespace runner::api
