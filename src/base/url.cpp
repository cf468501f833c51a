// SPDX-License-Identifier: GPL-2.0-or-later
// See url.hpp.
#include "base/url.hpp"

#include <algorithm>

namespace runner::base {

std::string mask_urls(std::string_view text) {
    constexpr std::string_view scheme_end = "://";
    constexpr std::string_view mask = "********";
    std::string out;
    for (std::size_t at = text.find(scheme_end); at != std::string_view::npos;
         at = text.find(scheme_end)) {
        const std::size_t begin = at + scheme_end.size();
        const std::size_t end = std::min(text.find_first_of("/?# \t\r\n\"<>", begin), text.size());
        const std::size_t sign = text.substr(begin, end - begin).rfind('@');
        out += text.substr(0, begin);
        if (sign != std::string_view::npos)
            out += mask;
        text.remove_prefix(begin + (sign != std::string_view::npos ? sign : 0));
    }
    return out += text;
}

} // namespace runner::base
