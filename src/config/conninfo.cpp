// SPDX-License-Identifier: GPL-2.0-or-later
// libpq connection strings, in both spellings: `host=… dbname=…` and `postgresql://…`. libpq reads
// a URI leniently: of `u:a/b@h` it takes `u` as the host, `a` as the port and `b@h` as the
// database, and names them in its errors. Such a string is refused before libpq sees it, and what
// libpq says of any other is redacted.
#include "config/conninfo.hpp"

#include "config/settings.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <vector>

namespace runner::config {
namespace {

constexpr std::string_view mask = "********";
constexpr std::size_t shortest_replaced = 3; // of shorter texts every message would be full

// of libpq 15 to 18; another word may be a piece of a password that was not quoted
constexpr std::array<std::string_view, 56> known_words{"application_name",
                                                       "channel_binding",
                                                       "client_encoding",
                                                       "connect_timeout",
                                                       "dbname",
                                                       "fallback_application_name",
                                                       "gssdelegation",
                                                       "gssencmode",
                                                       "gsslib",
                                                       "host",
                                                       "hostaddr",
                                                       "keepalives",
                                                       "keepalives_count",
                                                       "keepalives_idle",
                                                       "keepalives_interval",
                                                       "krbsrvname",
                                                       "load_balance_hosts",
                                                       "max_protocol_version",
                                                       "min_protocol_version",
                                                       "oauth_client_id",
                                                       "oauth_client_secret",
                                                       "oauth_issuer",
                                                       "oauth_scope",
                                                       "options",
                                                       "passfile",
                                                       "password",
                                                       "port",
                                                       "replication",
                                                       "require_auth",
                                                       "requirepeer",
                                                       "requiressl",
                                                       "scram_client_key",
                                                       "scram_server_key",
                                                       "service",
                                                       "servicefile",
                                                       "ssl",
                                                       "ssl_max_protocol_version",
                                                       "ssl_min_protocol_version",
                                                       "sslcert",
                                                       "sslcertmode",
                                                       "sslcompression",
                                                       "sslcrl",
                                                       "sslcrldir",
                                                       "sslkey",
                                                       "sslkeylogfile",
                                                       "sslmode",
                                                       "sslnegotiation",
                                                       "sslpassword",
                                                       "sslrootcert",
                                                       "sslsni",
                                                       "target_session_attrs",
                                                       "tcp_user_timeout",
                                                       "tty",
                                                       "user",
                                                       "authtype",
                                                       "hostorder"};

constexpr std::array<std::string_view, 5> secret_words{
    "password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key"};

bool is_known(std::string_view word) noexcept {
    return std::find(known_words.begin(), known_words.end(), word) != known_words.end();
}

bool is_secret(std::string_view word) noexcept {
    return std::find(secret_words.begin(), secret_words.end(), word) != secret_words.end();
}

bool is_uri(std::string_view text) noexcept {
    return text.starts_with("postgresql://") || text.starts_with("postgres://");
}

bool is_space(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }

int hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::optional<std::string> percent_decode(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
        if (high < 0 || low < 0 || high + low == 0)
            return std::nullopt;
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return out;
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

/// A piece of a connection string that has a meaning.
struct Value {
    std::string word;      ///< decoded
    std::size_t begin = 0; ///< of the value as it is written, quotes included
    std::size_t end = 0;
    std::string decoded;  ///< the value
    std::size_t from = 0; ///< where the word begins
};

struct Parsed {
    std::vector<Value> values; ///< those with words, and the password of a URI
    std::string problem;       ///< why it can't be read for sure; empty: it can
};

constexpr const char* advice =
    ": in a URI, characters such as % / ? @ : of a user name or password "
    "are written as %25 %2F %3F %40 %3A (database.password_file takes "
    "a password as it is)";

bool is_port_list(std::string_view hosts) {
    while (true) {
        const std::size_t comma = std::min(hosts.find(','), hosts.size());
        std::string_view host = hosts.substr(0, comma);
        if (host.starts_with('[')) {
            const std::size_t close = host.find(']');
            if (close == std::string_view::npos)
                return false;
            host.remove_prefix(close + 1);
            if (!host.empty() && host.front() != ':')
                return false;
        }
        const std::size_t colon = host.find(':');
        const std::string_view port =
            colon == std::string_view::npos ? std::string_view{} : host.substr(colon + 1);
        if (!std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; }))
            return false;
        if (comma == hosts.size())
            return true;
        hosts.remove_prefix(comma + 1);
    }
}

Parsed parse_uri(std::string_view uri) {
    Parsed parsed;
    const auto wrong = [&](const char* what) {
        parsed.problem = std::string(what) + advice;
        return parsed;
    };
    if (!percent_decode(uri))
        return wrong("a % is not followed by two hexadecimal digits");
    const std::size_t start = uri.find("://") + 3;
    const std::size_t end = std::min(uri.find_first_of("/?", start), uri.size());
    const std::size_t mark = std::min(uri.find('?', start), uri.size());
    const std::string_view authority = uri.substr(start, end - start);
    const std::size_t at = authority.find('@');
    std::string_view hosts = authority;
    if (at != std::string_view::npos) {
        const std::string_view user = authority.substr(0, at);
        hosts = authority.substr(at + 1);
        if (hosts.find('@') != std::string_view::npos)
            return wrong("there is more than one @");
        if (std::any_of(user.begin(), user.end(), is_space))
            return wrong("there is a space before the @");
        if (const std::size_t colon = user.find(':'); colon != std::string_view::npos)
            parsed.values.push_back({"password", start + colon + 1, start + at,
                                     *percent_decode(user.substr(colon + 1)), start + colon + 1});
    }
    if (uri.substr(end, mark - std::min(end, mark)).find('@') != std::string_view::npos)
        return wrong("there is a / before the @");
    if (!is_port_list(hosts))
        return wrong("a port is not a number");
    if (end < mark)
        parsed.values.push_back(
            {"dbname", end + 1, mark, *percent_decode(uri.substr(end + 1, mark - end - 1)), end});
    for (std::size_t from = mark + 1; from < uri.size();) {
        const std::size_t next = std::min(uri.find('&', from), uri.size());
        const std::string_view pair = uri.substr(from, next - from);
        const std::size_t equals = pair.find('=');
        if (equals == std::string_view::npos)
            return wrong("there is a parameter without = behind the ?");
        const std::string word = *percent_decode(pair.substr(0, equals));
        if (!is_known(word) && uri.find('@', mark) != std::string_view::npos)
            return wrong("there is a ? before the @");
        parsed.values.push_back(
            {word, from + equals + 1, next, *percent_decode(pair.substr(equals + 1)), from});
        from = next + 1;
    }
    return parsed;
}

/// As libpq reads keywords and values.
Parsed parse_keywords(std::string_view text) {
    Parsed parsed;
    std::size_t i = 0;
    const auto skip_space = [&] {
        while (i < text.size() && is_space(text[i]))
            ++i;
    };
    for (skip_space(); i < text.size(); skip_space()) {
        Value value;
        value.from = i;
        while (i < text.size() && text[i] != '=' && !is_space(text[i]))
            value.word += text[i++];
        skip_space();
        if (i == text.size() || text[i] != '=') {
            parsed.problem = "a word is not followed by = (a value with spaces needs quotes: "
                             "password='a b')";
            return parsed;
        }
        ++i;
        skip_space();
        value.begin = i;
        const bool quoted = i < text.size() && text[i] == '\'';
        bool open = quoted;
        for (i += quoted ? 1 : 0; i < text.size(); ++i) {
            if (text[i] == '\\' && i + 1 < text.size()) {
                value.decoded += text[++i];
            } else if (quoted && text[i] == '\'') {
                ++i;
                open = false;
                break;
            } else if (!quoted && is_space(text[i])) {
                break;
            } else {
                value.decoded += text[i];
            }
        }
        if (open) {
            parsed.problem = "a quote is not closed";
            return parsed;
        }
        value.end = i;
        parsed.values.push_back(std::move(value));
    }
    return parsed;
}

Parsed parse(std::string_view conninfo) {
    return is_uri(conninfo) ? parse_uri(conninfo) : parse_keywords(conninfo);
}

/// Whether the value is not shown: a password, that of a word that libpq does not know (a password
/// that was mistyped, say), or a connection string in another one, with a password in it.
bool is_hidden(const Value& value) {
    if (is_secret(value.word) || !is_known(value.word))
        return true;
    const std::string& text = value.decoded;
    const bool nested =
        is_uri(text) || (value.word == "dbname" && text.find('=') != std::string::npos);
    return nested && mask_conninfo(text) != text;
}

/// Whether some of it may be a password, whatever could be read of it.
bool may_have_secret(std::string_view conninfo, const Parsed& parsed) {
    const auto holds = [&](std::string_view word) {
        return conninfo.find(word) != std::string_view::npos;
    };
    const auto is_of_secret = [](const Value& value) { return is_secret(value.word); };
    if (std::any_of(secret_words.begin(), secret_words.end(), holds) ||
        std::any_of(parsed.values.begin(), parsed.values.end(), is_of_secret))
        return true;
    const std::size_t at = is_uri(conninfo) ? conninfo.rfind('@') : std::string_view::npos;
    return at != std::string_view::npos && conninfo.find(':', conninfo.find("://") + 3) < at;
}

void replace_all(std::string& text, std::string_view secret) {
    if (secret.size() < shortest_replaced)
        return;
    for (std::size_t at = text.find(secret); at != std::string::npos;
         at = text.find(secret, at + mask.size()))
        text.replace(at, secret.size(), mask);
}

/// What is between the first and the last double quote; a piece may have quotes itself.
void drop_quoted(std::string& text) {
    const std::size_t first = text.find('"');
    const std::size_t last = text.rfind('"');
    if (first != std::string::npos && last > first)
        text.replace(first + 1, last - first - 1, mask);
    else if (first != std::string::npos)
        text.erase(first);
}

/// Of one that can't be read for sure: all that may be the password, wherever it ends.
std::string mask_unclear(std::string_view conninfo) {
    const std::size_t at = conninfo.rfind('@');
    if (!is_uri(conninfo) || at == std::string_view::npos)
        return std::string(mask);
    const std::size_t start = conninfo.find("://") + 3;
    const std::size_t colon = std::min(conninfo.find(':', start), at);
    std::string out(conninfo.substr(0, colon));
    if (colon < at)
        out += ':' + std::string(mask);
    const std::size_t query = std::min(conninfo.find('?', at), conninfo.size());
    out += conninfo.substr(at, query - at);
    return query < conninfo.size() ? out + '?' + std::string(mask) : out;
}

} // namespace

std::string conninfo_problem(const std::string& conninfo) { return parse(conninfo).problem; }

std::string mask_conninfo(std::string_view conninfo) {
    const Parsed parsed = parse(conninfo);
    if (!parsed.problem.empty())
        return mask_unclear(conninfo);
    const bool uri = is_uri(conninfo); // whose unknown words can't be pieces of a password
    std::string out;
    std::size_t done = 0;
    for (const Value& value : parsed.values) {
        const bool hidden = is_hidden(value);
        const std::size_t from = !hidden                       ? value.end
                                 : uri || is_known(value.word) ? value.begin
                                                               : value.from;
        out += conninfo.substr(done, from - done);
        if (hidden)
            out += mask;
        done = value.end;
    }
    return out += conninfo.substr(done);
}

std::string redact_conninfo(std::string text, std::string_view conninfo) {
    if (!conninfo.empty())
        for (std::size_t at = text.find(conninfo); at != std::string::npos;
             at = text.find(conninfo, at + mask.size()))
            text.replace(at, conninfo.size(), mask);
    const Parsed parsed = parse(conninfo);
    bool clear = parsed.problem.empty();
    for (const Value& value : parsed.values) {
        clear = clear && is_known(value.word);
        if (!is_hidden(value))
            continue;
        replace_all(text, conninfo.substr(value.begin, value.end - value.begin));
        replace_all(text, value.decoded);
    }
    if (!clear && may_have_secret(conninfo, parsed))
        drop_quoted(text);
    return text;
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
