// SPDX-License-Identifier: GPL-2.0-or-later
// Dumps in blocks of whole lines: every line once, in order, with its number, however the bytes
// come.
#include "base/error.hpp"
#include "source/block_reader.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstring>
#include <vector>

using namespace runner::source;

namespace {

/// Gives a text in pieces of so many bytes.
BlockReader::Read pieces(const std::string& text, std::size_t most) {
    return [&text, most, at = std::size_t{0}](char* to, std::size_t size) mutable {
        const std::size_t n = std::min({size, most, text.size() - at});
        std::memcpy(to, text.data() + at, n);
        at += n;
        return n;
    };
}

std::vector<std::string> lines_of(BlockReader& reader) {
    std::vector<std::string> lines;
    LineBlock block;
    std::uint64_t number = 0;
    while (reader.next(block)) {
        CHECK(block.number == number++);
        CHECK(!block.text.empty());
        for_each_line(block, [&](const InputLine& line) {
            lines.push_back(std::to_string(line.line) + ":" + std::string(line.json));
        });
    }
    CHECK(!reader.next(block));
    return lines;
}

} // namespace

TEST_CASE("every line of a dump comes once, whatever the size of pieces and blocks") {
    const std::string text = "[\n{\"id\":\"Q1\"},\n\n{\"id\":\"Q22222\"},\r\n{\"id\":\"Q3\"}\n]\n";
    const std::vector<std::string> expected{"2:{\"id\":\"Q1\"}", "4:{\"id\":\"Q22222\"}",
                                            "5:{\"id\":\"Q3\"}"};
    for (const std::size_t piece : {1, 2, 7, 100})
        for (const std::size_t block : {1, 5, 16, 1000}) {
            BlockReader reader("dump", pieces(text, piece), block);
            CHECK(lines_of(reader) == expected);
        }
}

TEST_CASE("the last line needs no newline") {
    const std::string text = "{\"id\":\"Q1\"}\n{\"id\":\"Q2\"}";
    BlockReader reader("dump", pieces(text, 3), 4);
    CHECK(lines_of(reader) == std::vector<std::string>{"1:{\"id\":\"Q1\"}", "2:{\"id\":\"Q2\"}"});
    const std::string empty;
    BlockReader nothing("dump", pieces(empty, 3), 4);
    CHECK(lines_of(nothing).empty());
}

TEST_CASE("an endless line is reported, not buffered") {
    const std::string text = "{\"id\":\"Q1\"}\n" + std::string(100'000, 'x');
    BlockReader reader("dump.json", pieces(text, 100), 10, 1000);
    LineBlock block;
    CHECK(reader.next(block));
    CHECK_THROWS_WITH(reader.next(block), "dump.json:2: a line longer than 1000 bytes");
}

TEST_CASE("reading continues where an earlier run ended") {
    std::string text;
    for (int i = 0; i < 100; ++i)
        text += "{\"id\":\"Q" + std::to_string(i + 1) + "\"}\n";
    BlockReader first("dump", pieces(text, 7), 1);
    LineBlock block;
    REQUIRE(first.next(block));
    REQUIRE(first.next(block));
    const std::uint64_t lines = block.first_line + block.lines - 1;
    REQUIRE(lines < 100);
    BlockReader again("dump", pieces(text, 5), 1);
    again.skip(block.end, lines);
    const auto rest = lines_of(again);
    REQUIRE(rest.size() + lines == 100);
    CHECK(rest.front() ==
          std::to_string(lines + 1) + ":{\"id\":\"Q" + std::to_string(lines + 1) + "\"}");
    BlockReader shorter("dump", pieces(text, 5), 1);
    CHECK_THROWS_AS(shorter.skip(100'000, 3), runner::base::DataError);
}
