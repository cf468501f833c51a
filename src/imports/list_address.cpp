// SPDX-License-Identifier: GPL-2.0-or-later
// See list_address.hpp.
#include "imports/list_address.hpp"

#include "base/url.hpp"
#include "imports/importer.hpp"
#include "source/public_http.hpp"
#include "source/source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace runner::imports {

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr unsigned most_redirects = 5;
constexpr milliseconds rounding{50};               // by which libcurl may be early
constexpr std::string_view plain = " \"<>\\^`{|}"; // in addresses, where they need escapes
constexpr std::size_t longest_shown = 200;         // bytes of an address in messages
// a query service answers with XML unless it is asked for JSON
constexpr const char* accepted = "Accept: application/sparql-results+json, application/json;q=0.9, "
                                 "application/x-ndjson;q=0.9, text/csv;q=0.8, "
                                 "text/tab-separated-values;q=0.7, text/plain;q=0.6, */*;q=0.1";

source::PublicAddressPolicy policy(const config::ImportSettings& settings) {
    return {settings.private_addresses, settings.plain_http};
}

/// As text for a message, whatever a server sent as its redirect: without user names and passwords.
std::string shown(const std::string& from) {
    const std::string address = base::mask_urls(from);
    std::string out = address.substr(0, longest_shown);
    for (char& c : out)
        if (c <= ' ' || c > '~')
            c = '?';
    return out.size() < address.size() ? out + "…" : out;
}

bool is_redirect(long status) noexcept {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool may_pass(long status) noexcept {
    return status == 408 || status == 425 || status == 429 || status >= 500;
}

/// An answer that is no list: the import fails, or waits for another attempt.
[[noreturn]] void refuse(const std::string& why, bool may_help, bool last_attempt) {
    if (may_help && !last_attempt)
        throw source::SourceUnavailable(why);
    throw Hopeless("address_failed", why);
}

} // namespace

std::string encoded_address(std::string_view address) {
    address = address.substr(0, address.find('#'));
    const std::size_t scheme = address.find("://");
    const std::size_t path =
        scheme == std::string_view::npos ? scheme : address.find_first_of("/?", scheme + 3);
    std::string out;
    for (std::size_t i = 0; i < address.size(); ++i) {
        const char c = address[i];
        const bool bracket = (c == '[' || c == ']') && i > path; // else of an IPv6 address
        const auto byte = static_cast<unsigned char>(c);
        if (byte > '~' || bracket || plain.find(c) != std::string_view::npos)
            out += fmt::format("%{:02X}", byte);
        else
            out += c;
    }
    return out;
}

std::string address_problem(const std::string& address, const config::ImportSettings& settings) {
    return source::public_url_problem(address, policy(settings));
}

ListedFiles ListAddress::fetch(const std::string& address, bool last_attempt) {
    const Clock::time_point until = Clock::now() + settings_.address_timeout;
    source::HttpAnswer answer;
    std::string at = address;
    for (unsigned redirects = 0;; ++redirects) {
        const std::string from =
            redirects == 0 ? shown(at)
                           : fmt::format("{}, where {} redirects to", shown(at), shown(address));
        if (const std::string problem = address_problem(at, settings_); !problem.empty())
            throw Hopeless("address_refused", fmt::format("{} {}", from, problem));
        const auto left = std::chrono::duration_cast<milliseconds>(until - Clock::now());
        source::PublicHttp client(
            policy(settings_), {.timeout = std::max(left, milliseconds(1)),
                                .max_body = static_cast<std::size_t>(settings_.address_max_bytes),
                                .interrupted = &stopped_});
        answer = client.get(at, {accepted});
        if (!answer.refused_address.empty())
            throw Hopeless("address_refused", fmt::format("{}: {}", from, answer.error));
        if (answer.too_large)
            throw Hopeless("address_too_large", fmt::format("{}: {}", from, answer.error));
        if (!answer.error.empty() && Clock::now() + rounding >= until)
            refuse(fmt::format("{}: no whole answer within {} ms", from,
                               settings_.address_timeout.count()),
                   true, last_attempt);
        if (!answer.error.empty())
            refuse(fmt::format("{}: {}", from, answer.error), answer.transient, last_attempt);
        if (is_redirect(answer.status) && !answer.location.empty()) {
            if (redirects == most_redirects)
                refuse(fmt::format("{}: more than {} redirects", shown(address), most_redirects),
                       false, last_attempt);
            at = encoded_address(answer.location);
            continue;
        }
        if (answer.status != 200)
            refuse(fmt::format("HTTP {} from {}", answer.status, from), may_pass(answer.status),
                   last_attempt);
        break;
    }
    ListedFiles list;
    try {
        list = listed_files(answer.body, answer.content_type);
        require_items(list, "list");
    } catch (const BadList& error) {
        throw Hopeless("address_unreadable", fmt::format("{}: {}", shown(at), error.what()));
    } catch (const BadRequest& error) {
        throw Hopeless("address_unreadable", fmt::format("{}: {}", shown(at), error.what()));
    }
    if (list.items.empty())
        throw Hopeless("empty_list", fmt::format("{}: the list names no file", shown(at)));
    return list;
}

} // namespace runner::imports
