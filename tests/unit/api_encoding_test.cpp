// SPDX-License-Identifier: GPL-2.0-or-later
// What a client gets instead of an answer as it is.
#include "api/encoding.hpp"
#include "base/gzip_stream.hpp"

#include <catch2/catch.hpp>

#include <zlib.h>

using namespace runner;
using api::encode;
using api::Encoding;
using api::Response;

namespace {

/// Of one gzip member that may not be complete; "wrong" when it is none, or something follows it.
std::string unpacked(std::string_view bytes) {
    z_stream stream{};
    REQUIRE(inflateInit2(&stream, 15 + 16) == Z_OK);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    std::string out;
    int state = Z_OK;
    while (state == Z_OK) {
        char room[4096];
        stream.next_out = reinterpret_cast<Bytef*>(room);
        stream.avail_out = sizeof room;
        state = inflate(&stream, Z_SYNC_FLUSH);
        out.append(room, sizeof room - stream.avail_out);
    }
    const bool good = (state == Z_STREAM_END || state == Z_BUF_ERROR) && stream.avail_in == 0;
    inflateEnd(&stream);
    return good ? out : "wrong";
}

Encoding encoding(std::string accept, std::string if_none_match = {}, std::string method = "GET") {
    api::Request request;
    request.method = std::move(method);
    request.accept_encoding = std::move(accept);
    request.if_none_match = std::move(if_none_match);
    return api::encoding_of(request);
}

std::string header(const Response& response, std::string_view name) {
    std::string all;
    for (const auto& [key, value] : response.headers)
        if (key == name)
            all += value;
    return all;
}

Response answer(std::string body, std::string type = "application/json") {
    Response response;
    response.body = std::move(body);
    response.content_type = std::move(type);
    return response;
}

struct Pieces : api::BodyStream {
    std::vector<std::string> pieces;
    explicit Pieces(std::vector<std::string> p) : pieces(std::move(p)) {}
    void on_more(std::function<void()>) override {}
    std::optional<std::string> take() override {
        if (pieces.empty())
            return std::nullopt;
        auto piece = pieces.front();
        pieces.erase(pieces.begin());
        return piece;
    }
    void too_slow() override {}
};

const std::string long_text(5000, 'x');

} // namespace

TEST_CASE("gzip is for those that take it", "[api]") {
    for (const char* accept : {"gzip", "deflate, GZIP;q=0.5, br", " gzip ; q=1"}) {
        CAPTURE(accept);
        const Response packed = encode(answer(long_text), encoding(accept));
        CHECK(header(packed, "Content-Encoding") == "gzip");
        CHECK(header(packed, "Vary") == "Accept-Encoding");
        CHECK(unpacked(packed.body) == long_text);
        CHECK(packed.body.size() < 200);
    }
    for (const char* accept : {"", "br", "gzip;q=0", "gzip; q=0.000", "x-gzip", "*"}) {
        CAPTURE(accept);
        const Response plain = encode(answer(long_text), encoding(accept));
        CHECK(plain.body == long_text);
        CHECK(header(plain, "Content-Encoding").empty());
        CHECK(header(plain, "Vary") == "Accept-Encoding");
    }
    CHECK(encode(answer("short"), encoding("gzip")).body == "short");
    CHECK(encode(answer(long_text, "application/zstd"), encoding("gzip")).body == long_text);
    CHECK(unpacked(encode(answer(long_text), encoding("gzip", "", "POST")).body) == long_text);
    Response error = answer(long_text);
    error.status = 404;
    CHECK(encode(std::move(error), encoding("gzip")).body == long_text);
}

TEST_CASE("what the client has already is not sent again", "[api]") {
    const std::string tag = header(encode(answer("{}"), encoding("")), "ETag");
    CHECK(tag.starts_with("W/\""));
    CHECK(header(encode(answer("{} "), encoding("")), "ETag") != tag);
    for (const std::string& known : {tag, tag.substr(2), std::string("*"), "\"other\", " + tag}) {
        CAPTURE(known);
        const Response same = encode(answer("{}"), encoding("gzip", known));
        CHECK(same.status == 304);
        CHECK(same.body.empty());
        CHECK(header(same, "ETag") == tag);
    }
    CHECK(encode(answer("{}"), encoding("", "\"other\"")).status == 200);
    CHECK(encode(answer("{}"), encoding("", "*", "POST")).status == 200);
    CHECK(header(encode(answer("{}"), encoding("", "", "POST")), "ETag").empty());
}

TEST_CASE("a stream is compressed piece by piece, each readable immediately", "[api]") {
    Response response = answer("", "text/csv");
    response.stream =
        std::make_shared<Pieces>(std::vector<std::string>{"one", "", long_text, "three"});
    response = encode(std::move(response), encoding("gzip"));
    CHECK(header(response, "Content-Encoding") == "gzip");
    CHECK(header(response, "ETag").empty());
    std::string all = *response.stream->take();
    CHECK(unpacked(all) == "one");
    CHECK(response.stream->take() == ""); // none yet
    all += *response.stream->take();
    CHECK(unpacked(all) == "one" + long_text);
    while (const auto piece = response.stream->take())
        all += *piece;
    CHECK(unpacked(all) == "one" + long_text + "three");

    Response events = answer("", "text/event-stream");
    events.stream = std::make_shared<Pieces>(std::vector<std::string>{"data: 1"});
    CHECK(encode(std::move(events), encoding("gzip")).stream->take() == "data: 1");

    Response known = answer("", "text/csv");
    known.headers.emplace_back("ETag", "W/\"7\"");
    known.stream = std::make_shared<Pieces>(std::vector<std::string>{"one"});
    known = encode(std::move(known), encoding("gzip", "\"7\""));
    CHECK((known.status == 304 && !known.stream));
}

TEST_CASE("texts of any length are one member", "[base]") {
    base::GzipStream stream;
    std::string all, text;
    for (int i = 0; i < 200'000; ++i)
        text += std::to_string(i * 7919);
    all += stream.pack("");
    all += stream.pack(text);
    all += stream.finish("end");
    CHECK(unpacked(all) == text + "end");
    CHECK(unpacked(base::GzipStream().finish()).empty());
}
