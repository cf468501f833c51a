// SPDX-License-Identifier: GPL-2.0-or-later
#include "imports/error_text.hpp"

#include <algorithm>

namespace runner::imports {

std::string without_folders(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const bool begins =
            text[at] == '/' &&
            (at == 0 || std::string_view(" '\"([=").find(text[at - 1]) != std::string_view::npos);
        if (!begins) {
            out += text[at++];
            continue;
        }
        const std::size_t end = std::min(text.find_first_of(" '\")],;:\n", at), text.size());
        const std::string_view path = text.substr(at, end - at);
        const bool has_folder = path.find('/', 1) != std::string_view::npos;
        out += has_folder ? path.substr(path.rfind('/') + 1) : path;
        at = end;
    }
    return out;
}

} // namespace runner::imports
