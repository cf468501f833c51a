// SPDX-License-Identifier: GPL-2.0-or-later
// One of: the value is one of the listed items. WBQC: OneOfChecker.
#include "checks/check.hpp"
#include "checks/problems.hpp"
#include "checks/item_set.hpp"

namespace runner::checks {

namespace {

struct Own : Parameters {
    Parsed<std::vector<results::ItemValue>> items;
    ItemSet set;
    explicit Own(const ParameterReader& reader) : items(reader.items(true)) {
        if (items)
            set = ItemSet(*items);
    }
};

std::unique_ptr<const Parameters> read(const ParameterReader& reader, const CheckSettings&) {
    return std::make_unique<Own>(reader);
}

std::vector<ViolationMessage> validate(const Parameters& parameters) {
    return problems(static_cast<const Own&>(parameters).items);
}

Verdict run(const Context& context, const Constraint&, const Parameters* parameters,
            const CheckSettings&) {
    if (context.deprecated())
        return Status::deprecated;
    const auto& own = *static_cast<const Own*>(parameters);
    if (!own.items)
        return Verdict::bad_parameters(own.items.error());
    if (own.set.matches(*context.snak))
        return Status::compliance;
    ViolationMessage message("one-of");
    message.entity_id(context.snak->property, Role::predicate);
    message.item_value_list(*own.items, Role::object);
    return Verdict::violation(std::move(message));
}

} // namespace

extern const CheckRow one_of_row; // for registry.cpp
const CheckRow one_of_row{
    .name = "one-of",
    .type = config::ConstraintId::OneOfConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = on_all_entities,
    .read = read,
    .run = run,
    .validate = validate,
};

} // namespace runner::checks
