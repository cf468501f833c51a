// SPDX-License-Identifier: GPL-2.0-or-later
// See plain_reason.hpp.
#include "base/plain_reason.hpp"

#include <algorithm>

namespace runner::base {

std::string plain_reason(std::string_view text) {
    const std::size_t open = text.rfind(" [");
    if (open == std::string_view::npos || !text.ends_with(']'))
        return std::string(text);
    // "category:number", then the place or nothing
    const std::string_view inside = text.substr(open + 2, text.size() - open - 3);
    const std::size_t colon = inside.find(':');
    const bool of_boost = colon != std::string_view::npos && colon + 1 < inside.size() &&
                          inside.find(' ') > colon && inside[colon + 1] >= '0' &&
                          inside[colon + 1] <= '9';
    return std::string(of_boost ? text.substr(0, open) : text);
}

std::string place_in(std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, std::min(offset, text.size()));
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const std::size_t feed = before.rfind('\n');
    const std::size_t byte = before.size() - (feed == std::string_view::npos ? 0 : feed + 1) + 1;
    return "line " + std::to_string(line) + ", byte " + std::to_string(byte);
}

} // namespace runner::base
