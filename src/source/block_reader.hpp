// SPDX-License-Identifier: GPL-2.0-or-later
// A dump in blocks of whole lines, so that many threads can share the work: reading a block is
// quick, what its lines say is found out by whoever takes it.
#pragma once

#include "base/error.hpp"
#include "source/entity_line.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace runner::source {

/// Some lines of a dump, the newlines among them.
struct LineBlock {
    std::uint64_t number = 0;     ///< of the block, counted from 0
    std::uint64_t first_line = 1; ///< counted from 1
    std::uint64_t lines = 0;
    std::uint64_t end = 0;        ///< where it ends in the (unpacked) text
    std::string text;
};

/// Not thread-safe.
class BlockReader {
public:
    /// Up to so many bytes into the place given; 0 at the end.
    using Read = std::function<std::size_t(char*, std::size_t)>;

    static constexpr std::size_t default_block = std::size_t{1} << 20;
    static constexpr std::size_t default_max_line = std::size_t{256} << 20;

    /// `name` is for messages. Blocks have `block_bytes` or a little more, at least one line.
    BlockReader(std::string name, Read read, std::size_t block_bytes = default_block,
                std::size_t max_line = default_max_line);

    /// The next block, into the memory of `block`; false at the end. Throws what `read` throws,
    /// and base::DataError naming the line when it is longer than `max_line`.
    [[nodiscard]] bool next(LineBlock& block);

    /// Passes over the first `bytes` of the text, which end a line and hold `lines` lines; before
    /// the first block only. Throws base::DataError when the text is shorter.
    void skip(std::uint64_t bytes, std::uint64_t lines);

    [[nodiscard]] const std::string& name() const noexcept { return name_; }

private:
    const std::string name_;
    const Read read_;
    const std::size_t block_bytes_;
    const std::size_t max_line_;
    std::string rest_; ///< the beginning of a line whose end was not read yet
    std::uint64_t number_ = 0;
    std::uint64_t line_ = 1;
    std::uint64_t offset_ = 0;
    bool at_end_ = false;
};

/// Calls `each(line number, json)` for every line of a block that holds an entity.
template <typename Each>
void for_each_line(const LineBlock& block, Each each) {
    std::string_view text = block.text;
    for (std::uint64_t line = block.first_line; !text.empty(); ++line) {
        const std::size_t length = std::min(text.find('\n'), text.size());
        if (const std::string_view json = json_of_line(text.substr(0, length)); !json.empty())
            each(line, json);
        text.remove_prefix(std::min(length + 1, text.size()));
    }
}

} // namespace runner::source
