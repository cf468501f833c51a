// SPDX-License-Identifier: GPL-2.0-or-later
// Text inside of an address or a form.
#pragma once

#include <string>
#include <string_view>

namespace runner::source {

/// Everything but letters, digits and -._~ becomes %XX.
inline void append_encoded(std::string& out, std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
            c == '-' || c == '.' || c == '_' || c == '~')
            out += c;
        else
            (out += '%').append({digits[byte >> 4U], digits[byte & 15U]});
    }
}

} // namespace runner::source
