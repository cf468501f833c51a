// SPDX-License-Identifier: GPL-2.0-or-later
// Lexeme lexical category: the lexeme is of one of the listed lexical categories; forms and senses
// count as their lexeme. The runner's own.
#include "checks/lexeme.hpp"
#include "checks/row.hpp"

namespace runner::checks {

namespace {

using items_parameter::Own;

Verdict run(const Context& context, const Own& own) {
    const entity::Entity* lexeme = lexeme_of(context);
    if (lexeme == nullptr)
        return Status::not_in_scope;
    if (is_listed(lexeme->lexical_category, *own.items))
        return Status::compliance;
    ViolationMessage message("lexeme-lexical-category");
    message.entity_id(context.snak->property, Role::predicate);
    message.item_value_list(*own.items, Role::object);
    return Verdict::violation(std::move(message));
}

} // namespace

extern constexpr CheckRow lexeme_lexical_category_row = row<Own, run>({
    .name = "lexeme-lexical-category",
    .type = config::ConstraintId::LexemeLexicalCategoryConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = lexemes_and_parts,
    .needs = Needs::lexeme,
    .extra = config::Extra::types,
});

} // namespace runner::checks
