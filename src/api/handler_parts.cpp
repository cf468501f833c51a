// SPDX-License-Identifier: GPL-2.0-or-later
#include "api/handler_parts.hpp"

#include <fmt/format.h>

#include <charconv>

namespace runner::api {

Response text(std::string body, const char* content_type, unsigned status) {
    Response response;
    response.status = status;
    response.content_type = content_type;
    response.body = std::move(body);
    return response;
}

void bad_field(const char* field, const std::string& what) {
    throw ApiError{400, "bad_field", fmt::format("{}: {}", field, what), field};
}

std::optional<std::uint64_t> number_in(std::string_view text) noexcept {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value >> 63U != 0)
        return std::nullopt;
    return value;
}

std::uint64_t number_parameter(const Request& request, const char* name, std::uint64_t otherwise,
                               std::uint64_t least, std::uint64_t most) {
    const std::string_view given = request.parameter(name);
    if (given.empty())
        return otherwise;
    const auto value = number_in(given);
    if (!value || *value < least || *value > most)
        bad_field(name,
                  fmt::format("{} is not a number from {} to {}", json_string(given), least, most));
    return *value;
}

ApiError unknown_wiki(std::string_view wiki) {
    return {404, "unknown_wiki", fmt::format("wiki: {} is not configured here", json_string(wiki)),
            "wiki"};
}

std::string wiki_or_own(const Request& request, std::string_view given) {
    if (!given.empty() || !request.is_bound())
        return std::string(given);
    if (request.token->wikis.size() > 1)
        bad_field("wiki", "must be given, since the token is for several wikis");
    return request.token->wikis.front();
}

void require_unbound(const Request& request, std::string_view what) {
    if (request.is_bound())
        throw ApiError{403,
                       "token_of_wiki",
                       fmt::format("{} covers all wikis, but the token does not", what),
                       {}};
}

std::uint32_t limit_of(const Request& request, std::uint32_t otherwise, std::uint32_t most) {
    return static_cast<std::uint32_t>(number_parameter(request, "limit", otherwise, 1, most));
}

} // namespace runner::api
