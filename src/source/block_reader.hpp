// SPDX-License-Identifier: GPL-2.0-or-later
// An input in blocks of whole objects, so that many threads can share the work: reading a block is
// quick, parsing its lines is left to the threads. The layout of the input (one object per line, as
// in dumps, or any other) and its completeness are determined here.
#pragma once

#include "base/error.hpp"
#include "source/entity_line.hpp"
#include "source/member_scanner.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace runner::source {

/// Some lines of an input, the newlines among them.
struct LineBlock {
    struct Member {
        std::size_t begin = 0; ///< in the text
        std::size_t length = 0;
        std::uint64_t line = 1;
    };

    std::uint64_t number = 0;     ///< of the block, counted from 0
    std::uint64_t first_line = 1; ///< counted from 1
    std::uint64_t lines = 0;      ///< newlines; a last line without one counts too
    std::uint64_t end = 0;        ///< where it ends in the (unpacked) text
    std::string text;
    bool by_lines = true; ///< each object has its own line; else:
    std::vector<Member> members;
};

/// Not thread-safe.
class BlockReader {
public:
    /// Reads up to `size` bytes; 0 at the end. Throws DamagedInput, at each further call too, when
    /// what follows can't be read: the input is cut after what was read before.
    using Read = std::function<std::size_t(char*, std::size_t)>;

    static constexpr std::size_t default_block = std::size_t{1} << 20;
    static constexpr std::size_t default_max_line = std::size_t{256} << 20;

    /// `name` is for messages. Blocks have `block_bytes` or a little more, at least one object.
    BlockReader(std::string name, Read read, std::size_t block_bytes = default_block,
                std::size_t max_line = default_max_line);

    /// The next block, into the memory of `block`; false at the end. Throws what `read` throws,
    /// and base::DataError for what is not an input at all: another format, or no entity in the
    /// first 1,000 lines (but an empty one, when it is damaged from the beginning); also naming the
    /// line when it is longer than `max_line`.
    [[nodiscard]] bool next(LineBlock& block);

    /// Skips the first `bytes` of the text, which end a block and hold `lines` lines; before
    /// the first block only. Throws base::DataError when the text is shorter.
    void skip(std::uint64_t bytes, std::uint64_t lines);

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    /// After the last block of a complete reading: why the input is not complete; empty if it
    /// is.
    [[nodiscard]] const std::string& cut() const noexcept { return cut_; }
    /// Why what follows the present block can't be read, as far as it is known yet.
    [[nodiscard]] const std::string& damage() const noexcept { return damage_; }

private:
    void begin();
    bool fill(std::size_t wanted);
    [[noreturn]] void too_long() const;
    bool next_lines(LineBlock& block);
    bool next_members(LineBlock& block);
    void hand_out(LineBlock& block, std::size_t end);
    void note_last_line(const LineBlock& block);
    void follow_frame(const LineBlock& block);
    void end_lines();

    const std::string name_;
    const Read read_;
    const std::size_t block_bytes_;
    const std::size_t max_line_;
    bool began_ = false;
    bool by_lines_ = true;
    bool opened_ = false;       ///< begins with `[`
    bool frame_open_ = false;   ///< of the lines that were handed out
    std::string frame_problem_; ///< a `[` or `]` where none belongs
    std::string rest_;          ///< what was read and not handed out
    MemberScanner scanner_;     ///< of rest_
    std::string last_line_;     ///< the last one that is not blank, for what the end says
    std::uint64_t last_number_ = 0;
    bool last_ended_ = true; ///< with a newline
    std::uint64_t number_ = 0;
    std::uint64_t line_ = 1;
    std::uint64_t offset_ = 0;
    bool at_end_ = false;
    bool over_ = false;  ///< what follows can't be read
    std::string damage_; ///< why the input is cut where `at_end_` is
    std::string cut_;
};

/// Calls `each(const InputLine&)` for every line of a block that holds something; framing is
/// skipped.
template <typename Each>
void for_each_line(const LineBlock& block, Each each) {
    const std::function<void(const InputLine&)> take = std::ref(each);
    const std::uint64_t begin = block.end - block.text.size() + 1; // position of the first byte
    if (!block.by_lines) {
        for (const LineBlock::Member& member : block.members)
            decide_line(std::string_view(block.text).substr(member.begin, member.length),
                        member.line, begin + member.begin, take);
        return;
    }
    std::string_view text = block.text;
    for (std::uint64_t line = block.first_line; !text.empty(); ++line) {
        const std::size_t length = std::min(text.find('\n'), text.size());
        if (const std::string_view json = json_of_line(text.substr(0, length)); !json.empty())
            decide_line(json, line,
                        begin + static_cast<std::uint64_t>(json.data() - block.text.data()), take);
        text.remove_prefix(std::min(length + 1, text.size()));
    }
}

} // namespace runner::source
