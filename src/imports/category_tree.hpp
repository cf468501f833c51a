// SPDX-License-Identifier: GPL-2.0-or-later
// Categories and what is below them. Pure: the wiki is asked through a function.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace runner::imports {

struct TreeLimits {
    std::uint32_t depth = 0;           ///< 0: no subcategories
    std::size_t most = 1'000;          ///< categories in all
    std::vector<std::string> excluded; ///< neither they nor, by way of them, what is below
};

struct CategoryTree {
    std::vector<std::string> names; ///< each once: the roots, those below them, and so on
    bool cut = false;               ///< there are more than `most`
};

/// `below` gives the subcategories of some categories, in any order, also several times.
[[nodiscard]] CategoryTree with_subcategories(
    std::span<const std::string> roots, const TreeLimits& limits,
    const std::function<std::vector<std::string>(std::span<const std::string>)>& below);

} // namespace runner::imports
