// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzzes the reading of dumps: the first byte is the size of a block, the second that of the
// pieces that come from the file, the rest is the file. However it is cut, the lines are those of
// the text cut at its newlines, with their numbers; the head of a line is an id or an error. What
// is no line of a dump is also tried as a digest.
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
#include <utility>
#include <vector>

using namespace runner::source;

namespace {

using Lines = std::vector<std::pair<std::uint64_t, std::string>>;

Lines expected(std::string_view text) {
    Lines lines;
    for (std::uint64_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        if (const auto json = json_of_line(text.substr(0, end)); !json.empty())
            lines.emplace_back(number, json);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2)
        return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
    const std::size_t piece = std::size_t{data[1]} + 1;
    std::size_t at = 0;
    BlockReader reader(
        "dump",
        [&](char* to, std::size_t most) {
            const std::size_t n = std::min({most, piece, text.size() - at});
            std::memcpy(to, text.data() + at, n);
            at += n;
            return n;
        },
        data[0]);
    Lines lines;
    LineBlock block;
    std::uint64_t end = 0;
    while (reader.next(block)) {
        end += block.text.size();
        if (block.end != end)
            std::abort();
        for_each_line(block, [&](std::uint64_t line, std::string_view json) {
            lines.emplace_back(line, json);
            try {
                if (!read_line_head(json).id.valid())
                    std::abort();
            } catch (const runner::base::DataError&) {
            }
        });
    }
    if (end != text.size() || lines != expected(text))
        std::abort();
    try {
        (void)runner::entity::read_digest(text);
    } catch (const runner::base::DataError&) {
    }
    return 0;
}
