// SPDX-License-Identifier: GPL-2.0-or-later
// See encoding.hpp.
#include "api/encoding.hpp"

#include "base/gzip_stream.hpp"
#include "base/sha1.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace runner::api {

namespace {

constexpr std::size_t least_packed = 1024; // bytes

std::string_view trimmed(std::string_view text) noexcept {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

/// Calls `call` with each element of a header's list; true as soon as it says so.
template <typename Call>
bool any_element(std::string_view list, const Call& call) {
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        if (call(trimmed(list.substr(0, comma))))
            return true;
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return false;
}

/// "gzip", "gzip;q=0.5"; not "gzip;q=0", "gzip; q=0.000".
bool takes_gzip(std::string_view element) noexcept {
    const std::size_t semicolon = std::min(element.find(';'), element.size());
    const std::string_view name = trimmed(element.substr(0, semicolon));
    constexpr std::string_view gzip = "gzip";
    if (!std::equal(name.begin(), name.end(), gzip.begin(), gzip.end(), [](char a, char b) {
            return std::tolower(static_cast<unsigned char>(a)) == b;
        }))
        return false;
    std::string_view weight = trimmed(element.substr(std::min(semicolon + 1, element.size())));
    if (!weight.starts_with("q=") && !weight.starts_with("Q="))
        return true;
    weight.remove_prefix(2);
    return weight.find_first_not_of("0.") != std::string_view::npos;
}

bool is_text(std::string_view type) noexcept {
    constexpr std::array<std::string_view, 5> others{"application/json", "application/x-ndjson",
                                                     "application/n-triples", "application/yaml",
                                                     "image/svg+xml"};
    type = type.substr(0, type.find(';'));
    return (type.starts_with("text/") && type != "text/event-stream") ||
           std::find(others.begin(), others.end(), type) != others.end();
}

/// Packs what another stream has to say.
class PackedStream final : public BodyStream {
public:
    explicit PackedStream(std::shared_ptr<BodyStream> plain) : plain_(std::move(plain)) {}

    void on_more(std::function<void()> more) override { plain_->on_more(std::move(more)); }
    std::optional<std::string> take() override {
        if (over_)
            return std::nullopt;
        const std::optional<std::string> piece = plain_->take();
        if (piece)
            return piece->empty() ? std::string() : gzip_.pack(*piece);
        over_ = true;
        return gzip_.finish();
    }
    void too_slow() override { plain_->too_slow(); }

private:
    const std::shared_ptr<BodyStream> plain_;
    base::GzipStream gzip_;
    bool over_ = false;
};

} // namespace

Encoding encoding_of(const Request& request) {
    return {request.method == "GET", any_element(request.accept_encoding, takes_gzip),
            request.if_none_match};
}

std::string etag_of(std::string_view text) {
    return "W/\"" + base::sha1_hex(text).substr(0, 20) + '"';
}

Response encode(Response&& response, const Encoding& encoding) {
    if (response.status != 200)
        return std::move(response);
    if (encoding.get) {
        auto tag = std::find_if(response.headers.begin(), response.headers.end(),
                                [](const auto& header) { return header.first == "ETag"; });
        if (tag == response.headers.end() && !response.stream)
            tag = response.headers.insert(response.headers.end(),
                                          {"ETag", etag_of(response.body)});
        const bool has_it =
            tag != response.headers.end() &&
            any_element(encoding.if_none_match, [&](std::string_view element) {
                const std::string_view ours = std::string_view(tag->second).substr(2); // "W/"
                return element == "*" || element == tag->second || element == ours;
            });
        if (has_it) {
            response.status = 304;
            response.content_type.clear();
            response.body.clear();
            response.stream.reset();
            return std::move(response);
        }
    }
    if (!is_text(response.content_type))
        return std::move(response);
    response.headers.emplace_back("Vary", "Accept-Encoding");
    if (!encoding.gzip || (!response.stream && response.body.size() < least_packed))
        return std::move(response);
    if (response.stream)
        response.stream = std::make_shared<PackedStream>(std::move(response.stream));
    else
        response.body = base::GzipStream().finish(response.body);
    response.headers.emplace_back("Content-Encoding", "gzip");
    return std::move(response);
}

} // namespace runner::api
