// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/block_reader.hpp"

#include "source/damaged_input.hpp"
#include "source/input_shape.hpp"

#include <fmt/format.h>

#include <utility>

namespace runner::source {
namespace {

constexpr std::size_t first_look = std::size_t{64} << 10;
constexpr std::string_view white = " \t\r\n";

std::string_view stripped(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(white);
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(white) + 1 - begin);
}

std::uint64_t newlines(std::string_view text) {
    return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

} // namespace

BlockReader::BlockReader(std::string name, Read read, std::size_t block_bytes, std::size_t max_line)
    : name_(std::move(name)), read_(std::move(read)),
      block_bytes_(std::max<std::size_t>(block_bytes, 1)), max_line_(max_line) {}

void BlockReader::too_long() const {
    throw base::DataError(
        fmt::format("{}:{}: a line longer than {} bytes", name_, line_, max_line_));
}

/// Reads until `rest_` has so many bytes; false at the end of the input.
bool BlockReader::fill(std::size_t wanted) {
    while (!at_end_ && rest_.size() < wanted) {
        const std::size_t used = rest_.size();
        rest_.resize(wanted);
        std::size_t n = 0;
        try {
            n = read_(rest_.data() + used, wanted - used);
        } catch (const DamagedInput& damaged) { // as the end, after which cut() says so
            damage_ = damaged.reason;
        }
        rest_.resize(used + n);
        at_end_ = n == 0;
    }
    return !at_end_;
}

/// Reads as much of the beginning as the shape needs.
void BlockReader::begin() {
    began_ = true;
    Shape shape = Shape::unknown;
    std::string reason;
    for (std::size_t wanted = first_look; shape == Shape::unknown; wanted *= 2) {
        if (rest_.size() > max_line_)
            too_long();
        fill(wanted);
        shape = shape_of(rest_, at_end_, reason);
    }
    if (shape == Shape::foreign)
        throw base::DataError(fmt::format("{}: {}", name_, damage_.empty() ? reason : damage_));
    by_lines_ = shape == Shape::lines;
    const std::size_t first = rest_.find_first_not_of("\xEF\xBB\xBF \t\r\n");
    opened_ = first != std::string::npos && rest_[first] == '[';
}

bool BlockReader::next(LineBlock& block) {
    if (!began_)
        begin();
    block.members.clear();
    block.by_lines = by_lines_;
    const bool more = by_lines_ ? next_lines(block) : next_members(block);
    if (!more && !damage_.empty())
        cut_ = damage_; // also of what ends at the end of a line
    return more;
}

/// The first bytes of rest_ become the block's text.
void BlockReader::hand_out(LineBlock& block, std::size_t end) {
    block.text.assign(rest_, 0, end);
    rest_.erase(0, end);
    block.number = number_++;
    block.first_line = line_;
    block.lines = newlines(block.text);
    line_ += block.lines;
    if (by_lines_ && !block.text.empty() && block.text.back() != '\n') {
        ++block.lines;
        ++line_;
    }
    offset_ += end;
    block.end = offset_;
}

/// A block ends with the first line that reaches its size, however much was read ahead: a reader
/// that continues from the end of a block makes the same blocks.
bool BlockReader::next_lines(LineBlock& block) {
    std::size_t end = std::string::npos; // after a newline
    std::size_t searched = block_bytes_ == 0 ? 0 : block_bytes_ - 1;
    for (;;) {
        if (rest_.size() > searched) {
            const std::size_t newline = rest_.find('\n', searched);
            if (newline != std::string::npos) {
                end = newline + 1;
                break;
            }
            searched = rest_.size();
        }
        if (at_end_) {
            end = rest_.size();
            break;
        }
        if (rest_.size() > max_line_) {
            const std::size_t newline = rest_.rfind('\n');
            if (rest_.size() - (newline == std::string::npos ? 0 : newline + 1) > max_line_)
                too_long();
        }
        fill(std::max(rest_.size() + rest_.size() / 2 + 64, block_bytes_ + block_bytes_ / 8));
    }
    if (rest_.empty()) {
        if (!std::exchange(over_, true))
            end_lines();
        block.text.clear();
        return false;
    }
    hand_out(block, std::min(end, rest_.size()));
    note_last_line(block);
    follow_frame(block);
    return true;
}

/// Dumps that were put one behind the other, of which one is cut, have a `[` or `]` too many.
void BlockReader::follow_frame(const LineBlock& block) {
    std::string_view text = block.text;
    for (std::uint64_t number = block.first_line; !text.empty() && frame_problem_.empty();
         ++number) {
        const std::size_t length = std::min(text.find('\n'), text.size());
        const std::string_view line = stripped(text.substr(0, length));
        text.remove_prefix(std::min(length + 1, text.size()));
        if (line.starts_with("[") || line.starts_with("\xEF\xBB\xBF[")) {
            if (frame_open_)
                frame_problem_ = fmt::format("another [ is in line {}, and none before it was "
                                             "closed: something is cut off there",
                                             number);
            frame_open_ = true;
        }
        if (!line.ends_with("]"))
            continue;
        const std::string_view json = json_of_line(line);
        if (!json.empty() && !is_whole_object(json))
            continue; // a broken line, which is reported as one
        if (!frame_open_)
            frame_problem_ = fmt::format("the ] in line {} closes nothing: something is cut off "
                                         "before it",
                                         number);
        frame_open_ = false;
    }
}

void BlockReader::note_last_line(const LineBlock& block) {
    const std::string_view text = block.text;
    const std::size_t last = text.find_last_not_of(white);
    if (last == std::string_view::npos)
        return;
    const std::size_t before = text.rfind('\n', last);
    const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
    last_line_ = stripped(text.substr(begin, last + 1 - begin));
    last_ended_ = text.find('\n', last) != std::string_view::npos;
    last_number_ = block.first_line + newlines(text.substr(0, last));
}

/// Whether the input is whole is to be seen at its last line, and at what frames its lines.
void BlockReader::end_lines() {
    cut_ = frame_problem_;
    std::string_view line = last_line_;
    if (line.empty())
        return;
    const std::string_view json = json_of_line(line);
    bool closed = line.ends_with(']');
    if (json.starts_with('{') && !is_whole_object(json)) {
        closed = false;
        if (!last_ended_ || line.ends_with(']')) {
            cut_ = fmt::format("it ends within an entity (line {})", last_number_);
            return;
        }
    }
    if (opened_ && !closed)
        cut_ = fmt::format("it begins with [ and does not end with ]: it is cut off after line {}",
                           last_number_);
    else if (closed && !opened_)
        cut_ = "it ends with ] and does not begin with [: its beginning is missing";
}

bool BlockReader::next_members(LineBlock& block) {
    std::size_t end = 0;
    std::uint64_t line = line_; // of the byte `counted`
    std::size_t counted = 0;
    const auto add_member = [&] {
        line += newlines(std::string_view(rest_).substr(counted, scanner_.begin() - counted));
        counted = scanner_.begin();
        end = scanner_.end();
        block.members.push_back({scanner_.begin(), end - scanner_.begin(), line});
    };
    while (!over_ && end < block_bytes_) {
        switch (scanner_.next(rest_, at_end_)) {
        case MemberScanner::Found::member: add_member(); break;
        case MemberScanner::Found::need_more:
            if (rest_.size() - end > max_line_)
                too_long();
            fill(rest_.size() + std::max(rest_.size() / 2, block_bytes_) + 64);
            break;
        case MemberScanner::Found::end:
            over_ = true;
            end = rest_.size();
            if (scanner_.array_is_open())
                cut_ = fmt::format("it begins with [ and does not end with ]: it is cut off after "
                                   "line {}",
                                   line_ + newlines(rest_));
            break;
        case MemberScanner::Found::wrong:
            over_ = true;
            add_member();
            cut_ =
                scanner_.problem().empty()
                    ? fmt::format("it ends within an entity (line {})", line)
                    : fmt::format("it can't be read from line {} on: {}", line, scanner_.problem());
            break;
        }
    }
    if (end == 0) {
        block.text.clear();
        return false;
    }
    scanner_.drop(end);
    hand_out(block, end);
    return true;
}

void BlockReader::skip(std::uint64_t bytes, std::uint64_t lines) {
    if (!began_)
        begin();
    const auto too_short = [&] {
        throw base::DataError(fmt::format("{}: ends before byte {}", name_, bytes));
    };
    if (!by_lines_) {
        LineBlock passed;
        while (offset_ < bytes)
            if (!next(passed))
                too_short();
        if (offset_ != bytes)
            throw base::DataError(fmt::format("{}: no object ends at byte {}", name_, bytes));
        number_ = 0;
        return;
    }
    for (std::uint64_t left = bytes; left > 0;) {
        if (rest_.empty() && !fill(std::size_t{1} << 20) && rest_.empty())
            too_short();
        const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(left, rest_.size()));
        rest_.erase(0, n);
        left -= n;
    }
    offset_ += bytes;
    line_ += lines;
    frame_open_ = opened_ && bytes > 0;
}

} // namespace runner::source
