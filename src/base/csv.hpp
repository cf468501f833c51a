// SPDX-License-Identifier: GPL-2.0-or-later
// Fields of CSV as RFC 4180 writes them: quoted where they have to be.
#pragma once

#include <string>
#include <string_view>

namespace runner::base {

inline void append_csv_field(std::string& out, std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
        out += text;
        return;
    }
    out += '"';
    for (const char c : text) {
        if (c == '"')
            out += '"';
        out += c;
    }
    out += '"';
}

} // namespace runner::base
