// SPDX-License-Identifier: GPL-2.0-or-later
// Lexeme language: the language of the lexeme is one of the listed items. WBQC: LanguageChecker.
#include "checks/check.hpp"
#include "checks/problems.hpp"

namespace runner::checks {

namespace {

struct Own : Parameters {
    Parsed<std::vector<results::ItemValue>> languages;
    explicit Own(const ParameterReader& reader) : languages(reader.items(true)) {}
};

std::unique_ptr<const Parameters> read(const ParameterReader& reader, const CheckSettings&) {
    return std::make_unique<Own>(reader);
}

std::vector<ViolationMessage> validate(const Parameters& parameters) {
    return problems(static_cast<const Own&>(parameters).languages);
}

const entity::Entity* lexeme_of(const Context& context) {
    if (context.entity->id.type == entity::EntityType::lexeme)
        return context.entity;
    return context.page->id.type == entity::EntityType::lexeme
               ? context.page
               : context.facts->target(context.entity->id.page());
}

Verdict run(const Context& context, const Constraint&, const Parameters* parameters,
            const CheckSettings&) {
    if (context.deprecated())
        return Status::deprecated;
    const auto& languages = static_cast<const Own*>(parameters)->languages;
    if (!languages)
        return Verdict::bad_parameters(languages.error());
    const entity::Entity* lexeme = lexeme_of(context);
    if (lexeme == nullptr)
        return Status::not_in_scope;
    const auto actual = entity::EntityId::parse(lexeme->lemma_language_item);
    for (const results::ItemValue& language : *languages)
        if (language.kind == results::ItemValue::Kind::item && language.item == actual)
            return Status::compliance;
    ViolationMessage message("language");
    message.entity_id(context.snak->property, Role::predicate);
    message.item_value_list(*languages, Role::object);
    return Verdict::violation(std::move(message));
}

constexpr std::array<Support, 6> lexemes_and_parts{Support::no,  Support::no,  Support::yes,
                                                   Support::yes, Support::yes, Support::no};

} // namespace

extern const CheckRow lexeme_language_row; // for registry.cpp
const CheckRow lexeme_language_row{
    .name = "lexeme-language",
    .type = config::ConstraintId::LexemeLanguageConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = lexemes_and_parts,
    .needs = Needs::lexeme,
    .read = read,
    .run = run,
    .validate = validate,
};

} // namespace runner::checks
