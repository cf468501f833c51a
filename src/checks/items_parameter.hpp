// SPDX-License-Identifier: GPL-2.0-or-later
// The parameter of checks that list items: one of, none of, languages and categories of lexemes.
#pragma once

#include "checks/check.hpp"
#include "checks/item_set.hpp"
#include "checks/problems.hpp"

namespace runner::checks::items_parameter {

struct Own : Parameters {
    Parsed<std::vector<results::ItemValue>> items;
    ItemSet set;
    explicit Own(const ParameterReader& reader) : items(reader.items(true)) {
        if (items)
            set = ItemSet(*items);
    }
};

[[nodiscard]] inline std::unique_ptr<const Parameters>
read(const ParameterReader& reader, const CheckSettings&) {
    return std::make_unique<Own>(reader);
}

[[nodiscard]] inline std::vector<ViolationMessage> validate(const Parameters& parameters) {
    return problems(static_cast<const Own&>(parameters).items);
}

} // namespace runner::checks::items_parameter
