// SPDX-License-Identifier: GPL-2.0-or-later
// See title_api.hpp.
#include "source/title_api.hpp"

#include "base/url.hpp"
#include "base/utf8.hpp"
#include "source/title_answer.hpp"
#include "source/url_text.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace runner::source {
namespace {

constexpr std::size_t longest_url = 2'000; // beyond it proxies and servers differ
constexpr std::size_t max_body = std::size_t{4} << 20;
constexpr std::string_view question =
    "action=query&format=json&formatversion=2&redirects=1&converttitles=1&maxlag=5&titles=";

} // namespace

std::string clean_title(std::string_view title) {
    std::string out;
    out.reserve(title.size());
    while (!title.empty()) {
        const std::size_t length = base::utf8_length(title);
        const std::string_view character = title.substr(0, std::max<std::size_t>(length, 1));
        const char c = title.front();
        const bool control = length == 1 && static_cast<unsigned char>(c) < 0x20 && c != '\t' &&
                             c != '\n' && c != '\r';
        const bool no_character = character == "\xEF\xBF\xBE" || character == "\xEF\xBF\xBF";
        out += length == 0 || control || no_character ? "\xEF\xBF\xBD" : character;
        title.remove_prefix(character.size());
    }
    return out;
}

TitleApi::TitleApi(std::string url, std::chrono::milliseconds timeout, std::size_t connections)
    : url_(std::move(url)), client_({timeout, connections, max_body, 5}) {}

TitleAnswer TitleApi::ask(std::span<const std::string> titles) {
    std::vector<std::string> cleaned;
    std::string parameters(question);
    for (const std::string& title : titles) {
        cleaned.push_back(clean_title(title));
        if (cleaned.size() > 1)
            parameters += "%7C";
        append_encoded(parameters, cleaned.back());
    }
    std::array<HttpRequest, 1> request;
    request[0].url = url_;
    if (url_.size() + 1 + parameters.size() <= longest_url)
        request[0].url += (url_.find('?') == std::string::npos ? '?' : '&') + parameters;
    else
        request[0].form = std::move(parameters);
    const HttpAnswer answer = std::move(client_.fetch(request).front());

    TitleAnswer out;
    if (answer.status == 0) {
        out.problem = answer.error;
        out.transient = answer.transient;
    } else if (answer.status == 429 || answer.status >= 500) {
        out.problem = fmt::format("HTTP status {}", answer.status);
        out.transient = true;
    } else if (answer.status != 200) {
        out.problem = fmt::format("HTTP status {}", answer.status);
    } else {
        out = read_title_answer(answer.body, cleaned);
    }
    if (!out.problem.empty()) {
        out.problem = base::mask_urls(url_) + ": " + out.problem;
        out.retry_after = answer.retry_after;
        out.states.assign(titles.size(), TitleState::unknown);
    }
    return out;
}

} // namespace runner::source
