// SPDX-License-Identifier: GPL-2.0-or-later
// Description in language: the entity has a description in one of the languages. Descriptions have
// no "mul". The runner's own.
#include "checks/check.hpp"
#include "checks/languages_parameter.hpp"

#include <algorithm>

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
    if (std::any_of(languages->begin(), languages->end(), [&](std::string_view language) {
            return context.entity->has_description(language);
        }))
        return Status::compliance;
    ViolationMessage message("description-in-language");
    message.entity_id(context.snak->property, Role::predicate);
    message.languages(*languages);
    return Verdict::violation(std::move(message));
}

} // namespace

extern const CheckRow description_in_language_row; // for registry.cpp
const CheckRow description_in_language_row{
    .name = "description-in-language",
    .type = config::ConstraintId::DescriptionInLanguageConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = languages_parameter::items_and_properties,
    .read = languages_parameter::read,
    .run = run,
    .validate = languages_parameter::validate,
    .extra = config::Extra::types,
};

} // namespace runner::checks
