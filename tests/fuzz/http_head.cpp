// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzzes the head of an HTTP request and who is let in with it. A head that is taken has, read
// line by line in the simplest way, one Host and one way to say where its body ends; bytes that
// come in pieces are read as if they came at once; nothing but /healthz is had without a token.
#include "api/http_head.hpp"

#include "api/access.hpp"
#include "api/encoding.hpp"
#include "api/uri.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace {

using namespace runner;
namespace http = boost::beast::http;

void require(bool holds) {
    if (!holds)
        std::abort();
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c + 32);
    return out;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

/// As a simple proxy would read the head.
void read_simply(std::string_view head) {
    std::multimap<std::string, std::string> fields;
    std::size_t from = head.find("\r\n") + 2;
    while (true) {
        const std::size_t end = head.find("\r\n", from);
        require(end != std::string_view::npos);
        const std::string_view line = head.substr(from, end - from);
        from = end + 2;
        if (line.empty())
            break;
        const std::size_t colon = line.find(':');
        require(colon != std::string_view::npos && colon > 0);
        require(line.front() != ' ' && line.front() != '\t' && line[colon - 1] != ' ');
        fields.emplace(lower(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
    }
    require(from == head.size());
    const bool new_enough = head.substr(0, head.find("\r\n")).ends_with("HTTP/1.1");
    require(fields.count("host") == 1 || (!new_enough && fields.count("host") == 0));
    require(fields.count("content-length") + fields.count("transfer-encoding") <= 1);
    if (const auto at = fields.find("transfer-encoding"); at != fields.end())
        require(lower(at->second) == "chunked");
    if (const auto at = fields.find("content-length"); at != fields.end())
        require(at->second.find_first_not_of("0123456789") == std::string::npos);
}

std::string_view text_of(const auto& text) { return {text.data(), text.size()}; }

void let_in(const http::request_header<>& head, bool has_body) {
    static const api::AccessRules rules{true, {{"0123456789abcdef", "all", {}}}};
    api::RequestHead said;
    said.tcp = true;
    said.has_body = has_body;
    said.target = text_of(head.target());
    said.host = text_of(head[http::field::host]);
    said.authorization = text_of(head[http::field::authorization]);
    said.content_type = text_of(head[http::field::content_type]);
    const std::string origin(text_of(head[http::field::origin]));
    said.origin = head.count(http::field::origin) != 0 ? &origin : nullptr;
    const auto admitted = api::admit(rules, said);
    if (const auto* error = std::get_if<api::ApiError>(&admitted)) {
        require(error->status == 401 || error->status == 403 || error->status == 415);
        (void)api::error_response(*error);
        return;
    }
    const bool with_token = said.authorization.find("0123456789abcdef") != std::string_view::npos;
    require(with_token || said.target.substr(0, 8) == "/healthz");
    require(api::is_loopback_host(said.host));
    api::Request request;
    if (api::parse_target(said.target, request))
        require(request.path.find('\0') == std::string::npos);
}

/// A client gets all of an answer, packed or not, unless it names the ETag that it has.
void encode(const http::request_header<>& head) {
    api::Request request;
    request.method = "GET";
    request.accept = std::string(text_of(head[http::field::accept]));
    request.accept_encoding = std::string(text_of(head[http::field::accept_encoding]));
    request.if_none_match = std::string(text_of(head[http::field::if_none_match]));
    (void)request.wants("text/csv");
    static const std::string body(2000, 'x');
    api::Response response;
    response.body = body;
    response = api::encode(std::move(response), api::encoding_of(request));
    if (response.status == 304) {
        require(response.body.empty() && !request.if_none_match.empty());
        return;
    }
    const bool packed = response.body != body;
    require(response.status == 200 && !response.body.empty());
    require(!packed || lower(request.accept_encoding).find("gzip") != std::string::npos);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    api::HeadScanner whole;
    const auto state = whole.look(text);
    api::HeadScanner pieces;
    auto last = api::HeadScanner::State::incomplete;
    for (std::size_t n = 0; n <= size && last == api::HeadScanner::State::incomplete; ++n)
        last = pieces.look(text.substr(0, n));
    require(last == state);
    if (state != api::HeadScanner::State::complete)
        return 0;
    require(whole.size() == pieces.size() && whole.size() <= size);
    http::request_parser<http::empty_body> parser;
    boost::system::error_code error;
    const std::size_t used = parser.put(boost::asio::buffer(text.data(), whole.size()), error);
    if (error || api::head_problem(parser.get()))
        return 0;
    require(used == whole.size() && parser.is_header_done());
    read_simply(text.substr(0, whole.size()));
    encode(parser.get());
    let_in(parser.get(), parser.chunked() || parser.content_length().value_or(0) > 0);
    return 0;
}
