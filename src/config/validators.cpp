// SPDX-License-Identifier: GPL-2.0-or-later
// Small scanners; no regular expressions, since they run at every start.
#include "config/validators.hpp"

#include "base/log.hpp"
#include "config/extras.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace runner::config {
namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

bool is_alnum(char c) noexcept {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Whether a password with / ? or # in it was not encoded: the URL's host would be the user then.
bool is_cut_in_password(std::string_view url) noexcept {
    const std::size_t end = std::min(url.find_first_of("/?#"), url.size());
    const std::string_view authority = url.substr(0, end);
    const std::size_t colon = authority.rfind(':');
    if (url.find('@', end) == std::string_view::npos || colon == std::string_view::npos ||
        authority.find(']', colon) != std::string_view::npos)
        return false;
    return !std::all_of(authority.begin() + static_cast<std::ptrdiff_t>(colon) + 1, authority.end(),
                        is_digit);
}

bool is_port(std::string_view text) noexcept {
    std::uint32_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc{} && end == text.data() + text.size() && port <= 65'535;
}

} // namespace

std::string listen_problem(const std::string& text) {
    if (text.empty())
        return {};
    const std::size_t colon = text.rfind(':');
    const std::string_view host = std::string_view(text).substr(0, colon);
    if (colon == std::string::npos || !is_port(std::string_view(text).substr(colon + 1)))
        return "expected ADDRESS:PORT, such as 127.0.0.1:8090";
    const bool ipv4 = host.starts_with("127.") && std::all_of(host.begin(), host.end(), [](char c) {
                          return is_digit(c) || c == '.';
                      });
    if (!ipv4 && host != "[::1]" && host != "localhost")
        return "only a loopback address (127.0.0.1, [::1]) may be listened on, since the API is "
               "not "
               "encrypted";
    return {};
}

std::string origin_problem(const std::string& text) {
    const bool secure = text.starts_with("https://");
    if (!secure && !text.starts_with("http://"))
        return "expected an origin, such as https://tool.example";
    const std::string_view rest = std::string_view(text).substr(secure ? 8 : 7);
    const bool good = !rest.empty() && std::all_of(rest.begin(), rest.end(), [](char c) {
        return is_digit(c) || (c >= 'a' && c <= 'z') ||
               std::string_view("-.:[]").find(c) != std::string_view::npos;
    });
    return good ? "" : "expected scheme, host in lower case and port alone, without path or \"*\"";
}

std::string log_level_problem(const std::string& text) {
    if (base::is_log_level(text))
        return {};
    return "expected one of " + std::string(base::log_level_names);
}

std::string extra_problem(const std::string& text) {
    if (std::find(extra_names.begin(), extra_names.end(), text) != extra_names.end())
        return {};
    std::string names;
    for (const std::string_view name : extra_names)
        names.append(names.empty() ? "" : ", ").append(name);
    return "expected one of " + names;
}

std::string word_problem(const std::string& text) {
    return text.empty() ? "a command can't contain an empty string" : "";
}

std::string url_problem(const std::string& text) {
    const std::string_view url = text;
    const std::size_t scheme = url.starts_with("https://") ? 8 : url.starts_with("http://") ? 7 : 0;
    const bool bad = std::any_of(url.begin(), url.end(), [](char c) {
        return static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '<' || c == '>';
    });
    if (text.empty())
        return {};
    if (scheme == 0 || url.size() == scheme || bad)
        return "expected a URL that begins with http:// or https://";
    if (is_cut_in_password(url.substr(scheme)))
        return "the port is not a number: in a user name or password, / ? # @ are written as %2F "
               "%3F "
               "%23 %40";
    return {};
}

std::string slash_url_problem(const std::string& text) {
    std::string problem = url_problem(text);
    if (problem.empty() && !text.ends_with('/') && !text.ends_with('#'))
        problem = "must end with a slash";
    return problem;
}

std::string entity_id_problem(std::string_view text, char letter) {
    std::uint32_t number = 0;
    bool good = text.size() >= 2 && text[0] == letter && text[1] >= '1' && text[1] <= '9';
    if (good) {
        const auto [end, error] =
            std::from_chars(text.data() + 1, text.data() + text.size(), number);
        good = error == std::errc{} && end == text.data() + text.size() && number <= 2'147'483'647;
    }
    if (good)
        return {};
    return letter == 'P' ? "expected a property id, such as \"P31\""
                         : "expected an item id, such as \"Q5\"";
}

std::string table_problem(const std::string& text) {
    const std::size_t dot = text.find('.');
    const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '.';
    });
    return text.empty() || (plain && dot != std::string::npos && dot > 0 && dot + 1 < text.size() &&
                            text.find('.', dot + 1) == std::string::npos)
               ? ""
               : "is not a database and a table, such as \"heartbeat_p.heartbeat\"";
}

std::string property_id_problem(const std::string& text) { return entity_id_problem(text, 'P'); }

std::string wiki_id_problem(std::string_view text) {
    const bool good = !text.empty() && text.size() <= 64 &&
                      std::all_of(text.begin(), text.end(),
                                  [](char c) { return is_alnum(c) || c == '_' || c == '-'; });
    return good ? std::string{} : "a wiki id has 1 to 64 letters, digits, underscores and hyphens";
}

} // namespace runner::config
