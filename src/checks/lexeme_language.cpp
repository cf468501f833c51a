// SPDX-License-Identifier: GPL-2.0-or-later
// Lexeme language: the language of the lexeme is one of the listed items. WBQC: LanguageChecker.
#include "checks/lexeme.hpp"

namespace runner::checks {

namespace {

using items_parameter::Own;

Verdict run(const Context& context, const Constraint&, const Parameters* parameters,
            const CheckSettings&) {
    if (context.deprecated())
        return Status::deprecated;
    const auto& languages = static_cast<const Own*>(parameters)->items;
    if (!languages)
        return Verdict::bad_parameters(languages.error());
    const entity::Entity* lexeme = lexeme_of(context);
    if (lexeme == nullptr)
        return Status::not_in_scope;
    if (is_listed(lexeme->lemma_language_item, *languages))
        return Status::compliance;
    ViolationMessage message("language");
    message.entity_id(context.snak->property, Role::predicate);
    message.item_value_list(*languages, Role::object);
    return Verdict::violation(std::move(message));
}

} // namespace

extern const CheckRow lexeme_language_row; // for registry.cpp
const CheckRow lexeme_language_row{
    .name = "lexeme-language",
    .type = config::ConstraintId::LexemeLanguageConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = lexemes_and_parts,
    .needs = Needs::lexeme,
    .read = items_parameter::read,
    .run = run,
    .validate = items_parameter::validate,
};

} // namespace runner::checks
