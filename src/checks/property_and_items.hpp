// SPDX-License-Identifier: GPL-2.0-or-later
// The parameters of checks that require a statement: its property, and optionally the items allowed
// as its value.
#pragma once

#include "checks/item_set.hpp"
#include "checks/row.hpp"

namespace runner::checks::property_and_items {

struct Own : Parameters {
    Parsed<entity::PropertyId> property;
    Parsed<std::vector<results::ItemValue>> items;
    ItemSet set;
    explicit Own(const ParameterReader& reader)
        : property(reader.property()), items(reader.items(false)) {
        if (items)
            set = ItemSet(*items);
    }
    [[nodiscard]] auto parsed() const noexcept { return std::tie(property, items); }
};

/// That `other`, of the property of the parameters, must not be there.
[[nodiscard]] inline Verdict conflict(const Context& context, const Own& own,
                                      const entity::Snak& other) {
    ViolationMessage message(own.items->empty() ? "conflicts-with-property"
                                                : "conflicts-with-claim");
    message.entity_id(context.snak->property, Role::constraint_property);
    message.entity_id(*own.property, Role::predicate);
    if (!own.items->empty())
        message.item_value(item_value_of(other), Role::object);
    return Verdict::violation(std::move(message));
}

} // namespace runner::checks::property_and_items
