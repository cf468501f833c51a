// SPDX-License-Identifier: GPL-2.0-or-later
// The head of a request before any handler sees it. Heads that two parsers may read differently
// (folded lines, two lengths, an unknown Transfer-Encoding) are refused, so that a body is never
// taken for a second request.
#pragma once

#include "api/message.hpp"

#include <boost/beast/http/message.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace runner::api {

/// Finds the end of a head in bytes that arrive piece by piece.
class HeadScanner {
public:
    enum class State { incomplete, complete, bad };

    /// `bytes`: all that came of the request so far, from its first byte on.
    State look(std::string_view bytes);
    /// Once complete: the bytes of the head, with the empty line that ends it.
    [[nodiscard]] std::size_t size() const noexcept { return seen_; }
    /// Once bad: why.
    [[nodiscard]] const char* problem() const noexcept { return problem_; }

private:
    State bad(const char* problem) noexcept;

    std::size_t seen_ = 0;
    std::size_t line_ = 0; ///< where the present line begins
    const char* problem_ = "";
};

/// The error in the fields of a parsed head; 400 for the client.
[[nodiscard]] std::optional<ApiError>
head_problem(const boost::beast::http::request_header<>& head);

/// 400 "bad_http".
[[nodiscard]] ApiError bad_http(std::string_view why);

} // namespace runner::api
