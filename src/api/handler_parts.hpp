// SPDX-License-Identifier: GPL-2.0-or-later
// Shared by the handlers: replies and list parameters. Private to src/api.
#pragma once

#include "api/backend.hpp"
#include "api/message.hpp"

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace runner::api {

[[nodiscard]] Response text(std::string body, const char* content_type = "application/json",
                            unsigned status = 200);

/// Throws ApiError 400 "bad_field".
[[noreturn]] void bad_field(const char* field, const std::string& what);

/// The whole text as a number below 2^63; empty when it is not one.
[[nodiscard]] std::optional<std::uint64_t> number_in(std::string_view text) noexcept;

/// `otherwise` when the request has no such parameter. Throws ApiError when it is not a number from
/// `least` to `most`.
[[nodiscard]] std::uint64_t number_parameter(const Request& request, const char* name,
                                             std::uint64_t otherwise, std::uint64_t least,
                                             std::uint64_t most);

/// 404 "unknown_wiki".
[[nodiscard]] ApiError unknown_wiki(std::string_view wiki);

/// Throws ApiError 404 for a wiki that is not configured, or not visible to the client; otherwise
/// the log has the wiki as the subject of the request.
template <class AnyBackend>
void require_wiki(const AnyBackend& backend, const Request& request, std::string_view wiki) {
    if (!request.may_see(wiki) || !backend.knows_wiki(wiki))
        throw unknown_wiki(wiki);
    request.subject->wiki = wiki;
}

/// `given`, or the default for a client that names no wiki: all (empty), or the one of its token.
/// Throws ApiError 400 when its token is for several, since then one must be named.
[[nodiscard]] std::string wiki_or_own(const Request& request, std::string_view given);

/// The parameter "wiki" of a list; empty: all wikis. Throws ApiError.
template <class AnyBackend>
[[nodiscard]] std::string wiki_of_list(const AnyBackend& backend, const Request& request) {
    std::string wiki = wiki_or_own(request, request.parameter("wiki"));
    if (!wiki.empty())
        require_wiki(backend, request, wiki);
    return wiki;
}

/// Throws ApiError 403 when the client's token is for certain wikis: `what` covers all.
void require_unbound(const Request& request, std::string_view what);

/// The parameter "limit", from 1 to `most`.
[[nodiscard]] std::uint32_t limit_of(const Request& request, std::uint32_t otherwise,
                                     std::uint32_t most);

/// A reply that turns errors into error responses and values into responses with `make`.
template <class T, class Make>
[[nodiscard]] Reply<T> answering(Responder respond, Make make) {
    return [respond = std::move(respond), make = std::move(make)](T value,
                                                                  const std::exception_ptr& error) {
        try {
            if (error)
                respond(error_from(error));
            else
                respond(make(std::move(value)));
        } catch (...) {
            respond(error_from(std::current_exception()));
        }
    };
}

} // namespace runner::api
