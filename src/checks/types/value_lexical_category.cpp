// SPDX-License-Identifier: GPL-2.0-or-later
// Value lexical category: the value is a lexeme of one of the listed lexical categories; a form or
// sense counts as its lexeme. The runner's own.
#include "checks/lexeme.hpp"
#include "checks/row.hpp"
#include "checks/wrong_value.hpp"

namespace runner::checks {

namespace {

using items_parameter::Own;

Verdict run(const Context& context, const Constraint& constraint, const Own& own) {
    if (context.snak->type != entity::SnakType::value)
        return Status::compliance;
    const auto* id = entity::entity_id_of(context.snak->value);
    if (id == nullptr)
        return entity_needed(constraint);
    const entity::Entity* lexeme = context.facts->target(id->page());
    if (lexeme == nullptr)
        return Verdict::violation(ViolationMessage("value-entity-must-exist"));
    if (is_listed(lexeme->lexical_category, *own.items))
        return Status::compliance;
    ViolationMessage message("value-lexical-category");
    message.entity_id(context.snak->property, Role::predicate);
    message.entity_id(*id, Role::object);
    message.item_value_list(*own.items, Role::object);
    return Verdict::violation(std::move(message));
}

} // namespace

extern constexpr CheckRow value_lexical_category_row = row<Own, run>({
    .name = "value-lexical-category",
    .type = config::ConstraintId::ValueLexicalCategoryConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = on_all_entities,
    .needs = Needs::value_lexeme,
    .extra = config::Extra::types,
});

} // namespace runner::checks
