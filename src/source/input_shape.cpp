// SPDX-License-Identifier: GPL-2.0-or-later
// A line that is a whole entity decides for lines: pretty-printed JSON has none, since the objects
// in an entity have no id of a page. Otherwise objects are found wherever they are.
#include "source/input_shape.hpp"

#include "source/entity_line.hpp"
#include "source/input_format.hpp"
#include "source/member_scanner.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace runner::source {
namespace {

constexpr std::size_t signature_bytes = 512; // that foreign_format() may look at

bool is_known(std::string_view json) {
    bool known = false;
    decide_line(json, 1, 1,
                [&](const InputLine& line) { known = known || line.kind != LineKind::problem; });
    return known;
}

struct Lines {
    bool known = false;    ///< one of them is a whole entity
    bool several = false;  ///< one of them holds two or more
    std::size_t whole = 0; ///< that are not blank or a frame
};

/// Whether an entity is followed by another object on its line.
bool holds_several(std::string_view json) {
    MemberScanner scanner;
    if (scanner.next(json, true) != MemberScanner::Found::member ||
        !is_known(json.substr(scanner.begin(), scanner.end() - scanner.begin())))
        return false;
    return scanner.next(json, true) == MemberScanner::Found::member;
}

Lines look_at_lines(std::string_view text, bool at_end) {
    Lines out;
    while (!text.empty() && out.whole < most_strange_lines) {
        const std::size_t newline = text.find('\n');
        if (newline == std::string_view::npos && !at_end)
            break;
        const std::size_t length = std::min(newline, text.size());
        const std::string_view json = json_of_line(text.substr(0, length));
        text.remove_prefix(std::min(length + 1, text.size()));
        if (json.empty())
            continue;
        ++out.whole;
        out.known = is_whole_object(json) && is_known(json);
        out.several = !out.known && json.starts_with('{') && holds_several(json);
        if (out.known || out.several)
            break;
    }
    return out;
}

enum class Members : std::uint8_t { known, strange, undecided, broken, cut };

/// Looks for objects that share a line with another one, or go over several.
Members look_at_members(std::string_view text, bool at_end) {
    MemberScanner scanner;
    for (std::size_t seen = 0; seen < most_strange_lines; ++seen) {
        switch (scanner.next(text, at_end)) {
        case MemberScanner::Found::member: break;
        case MemberScanner::Found::need_more: return Members::undecided;
        case MemberScanner::Found::end: return Members::broken;
        case MemberScanner::Found::wrong:
            return scanner.problem().empty() ? Members::cut : Members::broken;
        }
        const std::string_view json = text.substr(scanner.begin(), scanner.end() - scanner.begin());
        const std::size_t behind = text.find_first_not_of(" \t\r,", scanner.end());
        if (behind == std::string_view::npos && !at_end)
            return Members::undecided;
        const bool alone = behind == std::string_view::npos || text[behind] == '\n';
        if (alone && json.find('\n') == std::string_view::npos)
            continue; // its own line, looked at already
        if (is_known(json))
            return Members::known;
    }
    return Members::strange;
}

Shape refuse(std::string_view text, std::size_t lines, bool at_end, std::string& reason) {
    reason =
        fmt::format("{} is an entity; it looks like {}",
                    at_end ? "no line of it" : fmt::format("none of the first {} lines", lines),
                    looks_like(text));
    return Shape::foreign;
}

} // namespace

Shape shape_of(std::string_view text, bool at_end, std::string& reason) {
    if (text.size() < signature_bytes && !at_end)
        return Shape::unknown;
    if (const auto format = foreign_format(text)) {
        reason = "this is " + *format;
        return Shape::foreign;
    }
    const std::size_t first = text.find_first_not_of("\xEF\xBB\xBF \t\r\n");
    if (first == std::string_view::npos)
        return at_end ? Shape::lines : Shape::unknown;
    const Lines lines = look_at_lines(text, at_end);
    if (lines.known || lines.several)
        return lines.known ? Shape::lines : Shape::members;
    const bool may_be_json = text[first] == '[' || text[first] == '{';
    const Members members = may_be_json ? look_at_members(text, at_end) : Members::broken;
    if (members == Members::known)
        return Shape::members;
    const bool enough = at_end || lines.whole >= most_strange_lines;
    if (members == Members::strange)
        return refuse(text, most_strange_lines, false, reason);
    if (members == Members::undecided || !enough)
        return Shape::unknown;
    if (lines.whole >= most_strange_lines || !may_be_json)
        return refuse(text, lines.whole, lines.whole < most_strange_lines, reason);
    // all of it is here and not much; what is wrong is listed line by line
    return members == Members::cut && lines.whole > 1 ? Shape::members : Shape::lines;
}

} // namespace runner::source
