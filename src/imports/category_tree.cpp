// SPDX-License-Identifier: GPL-2.0-or-later
#include "imports/category_tree.hpp"

#include <set>

namespace runner::imports {

CategoryTree with_subcategories(
    std::span<const std::string> roots, const TreeLimits& limits,
    const std::function<std::vector<std::string>(std::span<const std::string>)>& below) {
    CategoryTree tree;
    std::set<std::string> known(limits.excluded.begin(), limits.excluded.end());
    const auto add = [&](std::span<const std::string> names) {
        for (const std::string& name : names) {
            if (!known.insert(name).second)
                continue;
            if (tree.names.size() == limits.most) {
                tree.cut = true;
                return;
            }
            tree.names.push_back(name);
        }
    };
    add(roots);
    std::size_t from = 0;
    for (std::uint32_t level = 0; level < limits.depth && !tree.cut; ++level) {
        const std::size_t to = tree.names.size();
        if (from == to)
            break;
        const std::vector<std::string> found =
            below(std::span<const std::string>(tree.names).subspan(from, to - from));
        add(found);
        from = to;
    }
    return tree;
}

} // namespace runner::imports
