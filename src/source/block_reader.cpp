// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/block_reader.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace runner::source {

BlockReader::BlockReader(std::string name, Read read, std::size_t block_bytes,
                         std::size_t max_line)
    : name_(std::move(name)), read_(std::move(read)),
      block_bytes_(std::max<std::size_t>(block_bytes, 1)), max_line_(max_line) {}

bool BlockReader::next(LineBlock& block) {
    block.text.clear();
    std::swap(block.text, rest_); // what the block had allocated serves the next rest
    std::string& text = block.text;
    std::size_t end = std::string::npos; // after the last newline
    std::size_t searched = 0;
    while (!at_end_ && (text.size() < block_bytes_ || end == std::string::npos)) {
        if (end == std::string::npos && text.size() > max_line_)
            throw base::DataError(
                fmt::format("{}:{}: a line longer than {} bytes", name_, line_, max_line_));
        const std::size_t used = text.size();
        text.resize(std::max(used + used / 2 + 64, block_bytes_ + block_bytes_ / 8));
        const std::size_t n = read_(text.data() + used, text.size() - used);
        text.resize(used + n);
        at_end_ = n == 0;
        if (const std::size_t newline = text.rfind('\n');
            newline != std::string::npos && newline >= searched)
            end = newline + 1;
        searched = text.size();
    }
    if (at_end_)
        end = text.size();
    rest_.assign(text, end);
    text.resize(end);
    if (text.empty())
        return false;
    block.number = number_++;
    block.first_line = line_;
    block.lines = static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
    if (text.back() != '\n')
        ++block.lines;
    line_ += block.lines;
    offset_ += text.size();
    block.end = offset_;
    return true;
}

void BlockReader::skip(std::uint64_t bytes, std::uint64_t lines) {
    std::vector<char> buffer(std::size_t{1} << 20);
    for (std::uint64_t left = bytes; left > 0;) {
        const std::size_t n =
            read_(buffer.data(), static_cast<std::size_t>(std::min<std::uint64_t>(left, buffer.size())));
        if (n == 0)
            throw base::DataError(fmt::format("{}: ends before byte {}", name_, bytes));
        left -= n;
    }
    offset_ += bytes;
    line_ += lines;
}

} // namespace runner::source
