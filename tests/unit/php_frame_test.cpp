// SPDX-License-Identifier: GPL-2.0-or-later
// The frames of the PHP workers.
#include "base/error.hpp"
#include "php/frame.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace runner::php;
using namespace std::string_literals;
using Catch::Contains;

TEST_CASE("a frame is a length, a number and a text, the highest byte first") {
    CHECK(write_frame(0x01020304, "ab") == "\0\0\0\2\1\2\3\4ab"s);
    CHECK(write_frame(0, "") == std::string(8, '\0'));
}

TEST_CASE("frames come out whole, however they come in") {
    std::string all;
    for (std::uint32_t i = 0; i < 20; ++i)
        all += write_frame(i, std::string(i * 37, static_cast<char>('a' + i)));
    const auto piece = GENERATE(std::size_t{1}, std::size_t{3}, std::size_t{8}, std::size_t{1000},
                                std::size_t{100'000});
    FrameReader reader;
    std::uint32_t found = 0;
    for (std::size_t at = 0; at < all.size(); at += piece) {
        reader.feed(std::string_view(all).substr(at, piece));
        while (const auto frame = reader.next()) {
            CHECK(frame->number == found);
            CHECK(frame->text == std::string(found * 37, static_cast<char>('a' + found)));
            ++found;
        }
    }
    CHECK(found == 20);
    CHECK(reader.pending() == 0);
}

TEST_CASE("half a frame is no frame") {
    FrameReader reader;
    const std::string frame = write_frame(1, "{\"a\":1}");
    reader.feed(std::string_view(frame).substr(0, frame.size() - 1));
    CHECK_FALSE(reader.next());
    CHECK(reader.pending() == frame.size() - 1);
}

TEST_CASE("stray printed text is shown in the message") {
    FrameReader reader;
    reader.feed("PHP Warning:\n foreach() argument must be of type array|object, null given in /a");
    CHECK_THROWS_WITH(reader.next(), Contains("expected a frame, got \"PHP Warning:\\n foreach()"));
}

TEST_CASE("a frame longer than it may be is refused before it has come") {
    FrameReader reader(10);
    reader.feed("\0\0\0\x0b"s);
    CHECK_FALSE(reader.next());
    reader.feed("\0\0\0\1"s);
    CHECK_THROWS_AS(reader.next(), runner::base::DataError);
    FrameReader exact(10);
    exact.feed(write_frame(1, "0123456789"));
    CHECK(exact.next()->text == "0123456789");
}
