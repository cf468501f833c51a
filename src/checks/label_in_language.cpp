// SPDX-License-Identifier: GPL-2.0-or-later
// Label in language: the entity has a label in one of the languages (or in "mul").
// WBQC: LabelInLanguageChecker.
#include "checks/check.hpp"
#include "checks/languages_parameter.hpp"

namespace runner::checks {

namespace {

using languages_parameter::Own;

Verdict run(const Context& context, const Constraint&, const Parameters* parameters,
            const CheckSettings&) {
    if (context.deprecated())
        return Status::deprecated;
    const auto& languages = static_cast<const Own*>(parameters)->languages;
    if (!languages)
        return Verdict::bad_parameters(languages.error());
    if (context.entity->has_label("mul"))
        return Status::compliance;
    for (const std::string_view language : *languages)
        if (context.entity->has_label(language))
            return Status::compliance;
    ViolationMessage message("label-lacking");
    message.entity_id(context.snak->property, Role::predicate);
    message.languages(*languages);
    return Verdict::violation(std::move(message));
}

} // namespace

extern const CheckRow label_in_language_row; // for registry.cpp
const CheckRow label_in_language_row{
    .name = "label-in-language",
    .type = config::ConstraintId::LabelInLanguageConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = languages_parameter::items_and_properties,
    .read = languages_parameter::read,
    .run = run,
    .validate = languages_parameter::validate,
};

} // namespace runner::checks
