// SPDX-License-Identifier: GPL-2.0-or-later
// Beast joins folded lines, takes "5, 5" as a length and passes over transfer encodings that it
// does not know: these are looked for here.
#include "api/http_head.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <array>
#include <string>

namespace runner::api {

namespace http = boost::beast::http;

namespace {

bool is_token_char(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

// of these a second one would leave open which of them counts
constexpr std::array once{
    http::field::host,         http::field::content_length, http::field::transfer_encoding,
    http::field::content_type, http::field::authorization,  http::field::origin};

} // namespace

HeadScanner::State HeadScanner::bad(const char* problem) noexcept {
    problem_ = problem;
    return State::bad;
}

HeadScanner::State HeadScanner::look(std::string_view bytes) {
    for (; seen_ < bytes.size(); ++seen_) {
        const char c = bytes[seen_];
        const bool after_return = seen_ > line_ && bytes[seen_ - 1] == '\r';
        if (c == '\n') {
            if (!after_return)
                return bad("a line ends without a carriage return");
            const bool empty = seen_ == line_ + 1;
            if (empty && line_ == 0)
                return bad("it begins with an empty line");
            line_ = seen_ + 1;
            if (empty) {
                ++seen_;
                return State::complete;
            }
            continue;
        }
        if (after_return)
            return bad("a carriage return within a line");
        if (c == '\0')
            return bad("a NUL byte");
        if (seen_ == line_ && c != '\r' && !is_token_char(c))
            return bad(line_ == 0              ? "it begins with no method"
                       : c == ' ' || c == '\t' ? "a field is folded over several lines"
                                               : "a line begins with no field name");
    }
    return State::incomplete;
}

std::optional<ApiError> head_problem(const http::request_header<>& head) {
    for (const http::field field : once)
        if (head.count(field) > 1)
            return bad_http(std::string(http::to_string(field)) + " is given more than once");
    if (head.count(http::field::host) == 0 && head.version() >= 11)
        return bad_http("Host is missing");
    const auto length = head[http::field::content_length];
    if (!std::all_of(length.begin(), length.end(), [](char c) { return c >= '0' && c <= '9'; }))
        return bad_http("Content-Length is not one number");
    if (const auto encoding = head.find(http::field::transfer_encoding); encoding != head.end()) {
        if (!boost::beast::iequals(encoding->value(), "chunked"))
            return bad_http("Transfer-Encoding is not \"chunked\"");
        if (head.count(http::field::content_length) != 0)
            return bad_http("both Transfer-Encoding and Content-Length are given");
        if (head.version() < 11)
            return bad_http("Transfer-Encoding in HTTP/1.0");
    }
    return std::nullopt;
}

ApiError bad_http(std::string_view why) {
    return {400, "bad_http", "this is not a good HTTP/1.1 request: " + std::string(why), {}};
}

} // namespace runner::api
