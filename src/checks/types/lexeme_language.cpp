// SPDX-License-Identifier: GPL-2.0-or-later
// Lexeme language: the language of the lexeme is one of the listed items. WBQC: LanguageChecker.
#include "checks/lexeme.hpp"
#include "checks/row.hpp"

namespace runner::checks {

namespace {

using items_parameter::Own;

Verdict run(const Context& context, const Own& own) {
    const entity::Entity* lexeme = lexeme_of(context);
    if (lexeme == nullptr)
        return Status::not_in_scope;
    if (is_listed(lexeme->lemma_language_item, *own.items))
        return Status::compliance;
    ViolationMessage message("language");
    message.entity_id(context.snak->property, Role::predicate);
    message.item_value_list(*own.items, Role::object);
    return Verdict::violation(std::move(message));
}

} // namespace

extern constexpr CheckRow lexeme_language_row = row<Own, run>({
    .name = "lexeme-language",
    .type = config::ConstraintId::LexemeLanguageConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = lexemes_and_parts,
    .needs = Needs::lexeme,
});

} // namespace runner::checks
