// SPDX-License-Identifier: GPL-2.0-or-later
// libpq connection strings, in both spellings: `host=… dbname=…` and `postgresql://…`.
#include "config/settings.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace runner::config {
namespace {

constexpr std::string_view mask = "********";

bool is_uri(std::string_view text) noexcept {
    return text.starts_with("postgresql://") || text.starts_with("postgres://");
}

bool is_space(char c) noexcept {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

std::string quote_keyword_value(std::string_view value) {
    std::string out = "'";
    for (const char c : value) {
        if (c == '\'' || c == '\\')
            out += '\\';
        out += c;
    }
    return out + '\'';
}

std::string percent_encode(std::string_view value) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string out;
    for (const char c : value) {
        const auto u = static_cast<unsigned char>(c);
        const bool plain = (u >= '0' && u <= '9') || (u >= 'a' && u <= 'z') ||
                           (u >= 'A' && u <= 'Z') || u == '-' || u == '_';
        if (plain) {
            out += c;
        } else {
            out += '%';
            out += hex[u >> 4];
            out += hex[u & 15U];
        }
    }
    return out;
}

bool is_secret_keyword(std::string_view word) noexcept {
    constexpr std::array<std::string_view, 2> secrets{"password", "sslpassword"};
    return std::find(secrets.begin(), secrets.end(), word) != secrets.end();
}

std::string mask_uri(std::string_view uri) {
    std::string out(uri);
    const std::size_t authority = out.find("://") + 3;
    const std::size_t end = std::min(out.find_first_of("/?", authority), out.size());
    if (const std::size_t at = out.rfind('@', end);
        at != std::string::npos && at >= authority && at < out.size()) {
        const std::size_t colon = out.find(':', authority);
        if (colon != std::string::npos && colon < at)
            out.replace(colon + 1, at - colon - 1, mask);
    }
    std::size_t query = out.find('?', authority);
    while (query != std::string::npos) {
        const std::size_t name = query + 1;
        const std::size_t equals = out.find('=', name);
        const std::size_t next = out.find('&', name);
        if (equals != std::string::npos && (next == std::string::npos || equals < next) &&
            is_secret_keyword(std::string_view(out).substr(name, equals - name))) {
            const std::size_t length = std::min(next, out.size()) - equals - 1;
            out.replace(equals + 1, length, mask);
        }
        query = out.find('&', name);
    }
    return out;
}

/// The end of the value that begins at `i`, as libpq reads it: quoted, or up to white space.
std::size_t value_end(std::string_view text, std::size_t i) noexcept {
    const bool in_quotes = i < text.size() && text[i] == '\'';
    for (i += in_quotes ? 1 : 0; i < text.size(); ++i) {
        if (text[i] == '\\')
            ++i;
        else if (in_quotes && text[i] == '\'')
            return i + 1;
        else if (!in_quotes && is_space(text[i]))
            return i;
    }
    return text.size();
}

std::string mask_keywords(std::string_view text) {
    std::string out;
    std::size_t i = 0;
    while (i < text.size()) {
        const std::size_t word = i;
        while (i < text.size() && text[i] != '=' && !is_space(text[i]))
            ++i;
        const std::string_view keyword = text.substr(word, i - word);
        while (i < text.size() && (text[i] == '=' || is_space(text[i])))
            if (text[i++] == '=')
                break;
        const bool assigned = i > word && text[i - 1] == '=';
        while (assigned && i < text.size() && is_space(text[i]))
            ++i;
        out += text.substr(word, i - word);
        if (!assigned)
            continue;
        const std::size_t end = value_end(text, i);
        out += is_secret_keyword(keyword) ? mask : text.substr(i, end - i);
        i = end;
    }
    return out;
}

} // namespace

std::string mask_conninfo(std::string_view conninfo) {
    return is_uri(conninfo) ? mask_uri(conninfo) : mask_keywords(conninfo);
}

std::string connection_string(const DatabaseSettings& database) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(database.connect_timeout).count();
    const std::string timeout = std::to_string(std::max<std::int64_t>(2, seconds));
    std::string out = database.conninfo;
    if (is_uri(out)) {
        const auto add = [&out](std::string_view name, const std::string& value) {
            out += out.find('?') == std::string::npos ? '?' : '&';
            out += name;
            out += '=' + value;
        };
        if (out.find("connect_timeout=") == std::string::npos)
            add("connect_timeout", timeout);
        if (!database.password.empty())
            add("password", percent_encode(database.password));
        return out;
    }
    if (out.find("connect_timeout") == std::string::npos)
        out += " connect_timeout=" + timeout;
    if (!database.password.empty())
        out += " password=" + quote_keyword_value(database.password);
    return out;
}

} // namespace runner::config
