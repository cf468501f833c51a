// SPDX-License-Identifier: GPL-2.0-or-later
// Text of which one byte is another one: what it names would be lost without a word.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace runner::entity {

[[nodiscard]] inline bool is_one_byte_off(std::string_view text, std::string_view name) noexcept {
    if (text.size() != name.size())
        return false;
    std::size_t different = 0;
    for (std::size_t i = 0; i < text.size(); ++i)
        different += text[i] != name[i] ? 1 : 0;
    return different == 1;
}

/// The one of `names` that `text` was; empty when it is none, or is one of them.
[[nodiscard]] inline std::string_view
damaged_name(std::string_view text, std::span<const std::string_view> names) noexcept {
    std::string_view found;
    for (const std::string_view name : names) {
        if (text == name)
            return {};
        if (is_one_byte_off(text, name))
            found = name;
    }
    return found;
}

} // namespace runner::entity
