// SPDX-License-Identifier: GPL-2.0-or-later
// Follows strings and brackets, no more: whether an object is good JSON its parser decides.
#include "source/member_scanner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace runner::source {

MemberScanner::Found MemberScanner::fail(std::string problem) {
    problem_ = std::move(problem);
    return Found::wrong;
}

void MemberScanner::drop(std::size_t bytes) noexcept {
    at_ -= bytes;
    begin_ -= std::min(begin_, bytes);
}

MemberScanner::Found MemberScanner::next(std::string_view text, bool at_end) {
    if (!stack_.empty())
        return scan_object(text, at_end);
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    if (!started_) {
        if (text.size() < mark.size() && !at_end)
            return Found::need_more;
        started_ = true;
        if (text.starts_with(mark))
            at_ = mark.size();
    }
    for (; at_ < text.size(); ++at_) {
        begin_ = at_;
        switch (const char c = text[at_]) {
        case ' ':
        case '\t':
        case '\r':
        case '\n':
        case ',': break;
        case '[':
            if (array_) {
                ++at_;
                return fail("an array inside the array");
            }
            array_ = true;
            break;
        case ']':
            if (!array_) {
                ++at_;
                return fail("it ends with ] and does not begin with [: its beginning is missing");
            }
            array_ = false;
            break;
        case '{': return scan_object(text, at_end);
        default:
            ++at_;
            return fail(c >= ' ' && c <= '~' ? fmt::format("'{}' where an object should begin", c)
                                             : "a byte where an object should begin");
        }
    }
    begin_ = at_;
    return at_end ? Found::end : Found::need_more;
}

MemberScanner::Found MemberScanner::scan_object(std::string_view text, bool at_end) {
    const char* const base = text.data();
    const std::size_t size = text.size();
    std::size_t at = at_;
    while (at < size) {
        if (in_string_) {
            while (at < size && base[at] != '"' && base[at] != '\\' && base[at] != '\n')
                ++at;
            if (at == size)
                break;
            if (base[at] == '\\') {
                if (at + 1 == size)
                    break; // what it escapes is not here yet
                at += 2;
                continue;
            }
            if (base[at] == '\n') {
                at_ = at;
                return fail("a line feed in a string");
            }
            in_string_ = false;
            ++at;
            continue;
        }
        const char c = base[at++];
        if (c == '"') {
            in_string_ = true;
        } else if (c == '{' || c == '[') {
            stack_ += c;
        } else if (c == '}' || c == ']') {
            if (stack_.back() != (c == '}' ? '{' : '[')) {
                at_ = at;
                return fail(
                    fmt::format("'{}' where '{}' should be", c, stack_.back() == '{' ? '}' : ']'));
            }
            stack_.pop_back();
            if (stack_.empty()) {
                at_ = at;
                return Found::member;
            }
        }
    }
    at_ = at;
    if (!at_end)
        return Found::need_more;
    at_ = size;
    return fail("");
}

} // namespace runner::source
