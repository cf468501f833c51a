// SPDX-License-Identifier: GPL-2.0-or-later
// See utf8.hpp.
#include "base/utf8.hpp"

namespace runner::base {

std::size_t utf8_length(std::string_view s) noexcept {
    const auto byte = [&](std::size_t i) {
        return i < s.size() ? static_cast<unsigned char>(s[i]) : 0U;
    };
    const auto tail = [&](std::size_t i) { return is_utf8_tail(static_cast<char>(byte(i))); };
    if (s.empty())
        return 0;
    const unsigned b = byte(0);
    if (b < 0x80)
        return 1;
    if (b >= 0xC2 && b <= 0xDF)
        return tail(1) ? 2 : 0;
    if (b >= 0xE0 && b <= 0xEF) {
        const bool overlong = b == 0xE0 && byte(1) < 0xA0;
        const bool surrogate = b == 0xED && byte(1) > 0x9F;
        return tail(1) && tail(2) && !overlong && !surrogate ? 3 : 0;
    }
    if (b >= 0xF0 && b <= 0xF4) {
        const bool overlong = b == 0xF0 && byte(1) < 0x90;
        const bool beyond = b == 0xF4 && byte(1) > 0x8F;
        return tail(1) && tail(2) && tail(3) && !overlong && !beyond ? 4 : 0;
    }
    return 0;
}

std::optional<std::uint32_t> next_character(std::string_view text, std::size_t& at) noexcept {
    const std::size_t length = utf8_length(text.substr(at));
    if (length == 0)
        return std::nullopt;
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
    std::uint32_t code = length == 1 ? byte(0) : byte(0) & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i)
        code = code << 6U | (byte(i) & 0x3FU);
    at += length;
    return code;
}

void append_utf8(std::string& out, std::uint32_t code) {
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xC0U | code >> 6U);
        out += static_cast<char>(0x80U | (code & 0x3FU));
    } else if (code < 0x10000) {
        out += static_cast<char>(0xE0U | code >> 12U);
        out += static_cast<char>(0x80U | (code >> 6U & 0x3FU));
        out += static_cast<char>(0x80U | (code & 0x3FU));
    } else {
        out += static_cast<char>(0xF0U | code >> 18U);
        out += static_cast<char>(0x80U | (code >> 12U & 0x3FU));
        out += static_cast<char>(0x80U | (code >> 6U & 0x3FU));
        out += static_cast<char>(0x80U | (code & 0x3FU));
    }
}

std::string_view utf8_prefix(std::string_view text, std::size_t max_bytes) noexcept {
    constexpr std::size_t longest_tail = 3; // more are not UTF-8, where any place is as good
    if (text.size() <= max_bytes)
        return text;
    std::size_t end = max_bytes;
    for (std::size_t i = 0; i < longest_tail && end > 0 && is_utf8_tail(text[end]); ++i)
        --end;
    return text.substr(0, is_utf8_tail(text[end]) ? max_bytes : end);
}

std::string one_line_utf8(std::string_view text, std::size_t max_bytes) {
    constexpr std::string_view replacement = "\xEF\xBF\xBD";
    std::string clean;
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        const auto first = static_cast<unsigned char>(text.front());
        const std::string_view character = length == 0                     ? replacement
                                           : first < 0x20 || first == 0x7F ? " "
                                                                           : text.substr(0, length);
        if (clean.size() + character.size() > max_bytes)
            break;
        clean += character;
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return clean;
}

} // namespace runner::base
