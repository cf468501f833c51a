// SPDX-License-Identifier: GPL-2.0-or-later
// See encoding.hpp.
#include "api/encoding.hpp"

#include "api/header_list.hpp"
#include "base/gzip_stream.hpp"
#include "base/sha1.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace runner::api {

namespace {

constexpr std::size_t least_packed = 1024; // bytes

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
    return {request.method == "GET", weight_in(request.accept_encoding, "gzip") > 0,
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
            tag = response.headers.insert(response.headers.end(), {"ETag", etag_of(response.body)});
        const bool has_it = tag != response.headers.end() &&
                            any_element(encoding.if_none_match, [&](std::string_view element) {
                                const std::string_view ours =
                                    std::string_view(tag->second).substr(2); // "W/"
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
