// SPDX-License-Identifier: GPL-2.0-or-later
// See utf8.hpp.
#include "base/utf8.hpp"

namespace runner::base {

std::size_t utf8_length(std::string_view s) noexcept {
    const auto byte = [&](std::size_t i) {
        return i < s.size() ? static_cast<unsigned char>(s[i]) : 0U;
    };
    const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
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

std::string one_line_utf8(std::string_view text, std::size_t max_bytes) {
    constexpr std::string_view replacement = "\xEF\xBF\xBD";
    std::string clean;
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        const auto first = static_cast<unsigned char>(text.front());
        const std::string_view character = length == 0                      ? replacement
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
