// SPDX-License-Identifier: GPL-2.0-or-later
// The parameter of checks that list items: one of, none of, languages and categories of lexemes.
#pragma once

#include "checks/item_set.hpp"
#include "checks/row.hpp"

namespace runner::checks::items_parameter {

struct Own : Parameters {
    Parsed<std::vector<results::ItemValue>> items;
    ItemSet set;
    explicit Own(const ParameterReader& reader) : items(reader.items(true)) {
        if (items)
            set = ItemSet(*items);
    }
    [[nodiscard]] auto parsed() const noexcept { return std::tie(items); }
};

} // namespace runner::checks::items_parameter
