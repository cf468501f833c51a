// SPDX-License-Identifier: GPL-2.0-or-later
// See terminal.hpp.
#include "base/terminal.hpp"

#include "base/unicode.hpp"
#include "base/utf8.hpp"

namespace runner::base {

std::string terminal_text(std::string_view text, char control) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = at;
        const auto character = next_character(text, at);
        if (!character) {
            out += text[begin];
            at = begin + 1;
        } else if (is_bidi_control(*character)) {
            out += "\\u";
            for (unsigned shift = 16; shift > 0; shift -= 4)
                out += digits[(*character >> (shift - 4)) & 15U];
        } else if (*character < 0x20 || (*character >= 0x7F && *character < 0xA0)) {
            out += control;
        } else {
            out.append(text.substr(begin, at - begin));
        }
    }
    return out;
}

std::string_view first_columns(std::string_view text, std::size_t columns) {
    std::size_t used = 0;
    std::size_t end = 0;
    for (std::size_t at = 0; at < text.size(); end = at) {
        const auto character = next_character(text, at);
        at += character ? 0 : 1;
        used += character ? columns_of(*character) : 1;
        if (used > columns)
            break;
    }
    return text.substr(0, end);
}

} // namespace runner::base
