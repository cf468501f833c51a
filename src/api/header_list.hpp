// SPDX-License-Identifier: GPL-2.0-or-later
// Headers that are lists: Accept, Accept-Encoding, If-None-Match.
#pragma once

#include <algorithm>
#include <string_view>

namespace runner::api {

/// Without the spaces and tabs around it.
[[nodiscard]] std::string_view trimmed(std::string_view text) noexcept;

/// Calls `call` with each element of a header's list; true as soon as it returns true.
template <typename Call>
bool any_element(std::string_view list, const Call& call) {
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        if (call(trimmed(list.substr(0, comma))))
            return true;
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return false;
}

/// How much the client wants `name` (in lower case), in thousandths: the highest `q` that the list
/// gives it, 1000 without one, 0 when the list does not name it. "*" names nothing.
[[nodiscard]] unsigned weight_in(std::string_view list, std::string_view name) noexcept;

} // namespace runner::api
