// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzzes the reading of inputs: the first byte is the size of a block, the second that of the
// pieces that come from the file, the rest is the file. However it is cut, the lines are the same,
// at the same places, and so is what is said of its end; every line is of one kind, and reading
// continues behind any block. What is no input is also tried as a digest.
#include "base/error.hpp"
#include "entity/digest.hpp"
#include "source/block_reader.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

using namespace runner::source;

namespace {

using Line = std::tuple<std::uint64_t, std::uint64_t, LineKind, std::string>;

struct Reading {
    std::vector<Line> lines;
    std::string end; ///< of a whole reading: why it is cut; or why it was refused
    bool refused = false;
    std::uint64_t first_end = 0; ///< of the first block
    std::uint64_t first_lines = 0;
    std::size_t in_first = 0;

    friend bool operator==(const Reading& a, const Reading& b) {
        return a.lines == b.lines && a.end == b.end && a.refused == b.refused;
    }
};

void require(bool holds) {
    if (!holds)
        std::abort();
}

void take(std::string_view text, const InputLine& line, std::vector<Line>& into) {
    require(line.position >= 1 && line.position - 1 + line.json.size() <= text.size());
    require(text.substr(line.position - 1, line.json.size()) == line.json);
    require(line.line == 1 + static_cast<std::uint64_t>(
                                 std::count(text.begin(), text.begin() + line.position - 1, '\n')));
    if (line.kind == LineKind::problem)
        require(!line.problem.empty());
    else
        require(line.id.valid());
    require((line.kind == LineKind::redirect) == line.target.valid());
    into.emplace_back(line.line, line.position, line.kind, line.json);
}

BlockReader reader_of(std::string_view text, std::size_t block, std::size_t piece) {
    return {"dump",
            [text, piece, at = std::size_t{0}](char* to, std::size_t most) mutable {
                const std::size_t n = std::min({most, piece, text.size() - at});
                std::memcpy(to, text.data() + at, n);
                at += n;
                return n;
            },
            block};
}

Reading read(std::string_view text, std::size_t block_bytes, std::size_t piece) {
    Reading out;
    BlockReader reader = reader_of(text, block_bytes, piece);
    try {
        LineBlock block;
        std::uint64_t end = 0;
        while (reader.next(block)) {
            end += block.text.size();
            require(block.end == end && !block.text.empty());
            for_each_line(block, [&](const InputLine& line) { take(text, line, out.lines); });
            if (out.first_end == 0) {
                out.first_end = end;
                out.first_lines = block.lines;
                out.in_first = out.lines.size();
            }
        }
        out.end = reader.cut();
        require(end == text.size() || !out.end.empty());
    } catch (const runner::base::DataError& error) {
        out.refused = true;
        out.end = error.what();
    }
    return out;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2)
        return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
    const std::size_t block = data[0];
    const std::size_t piece = std::size_t{data[1]} + 1;
    const Reading parts = read(text, block, piece);
    require(parts == read(text, std::size_t{1} << 20, std::size_t{1} << 20));
    if (!parts.refused && parts.first_end != 0) {
        BlockReader rest = reader_of(text, block, 5);
        rest.skip(parts.first_end, parts.first_lines);
        std::vector<Line> lines(parts.lines.begin(),
                                parts.lines.begin() + static_cast<std::ptrdiff_t>(parts.in_first));
        LineBlock next;
        while (rest.next(next))
            for_each_line(next, [&](const InputLine& line) { take(text, line, lines); });
        require(lines == parts.lines);
    }
    try {
        (void)runner::entity::read_digest(text);
    } catch (const runner::base::DataError&) {
    }
    return 0;
}
