// SPDX-License-Identifier: GPL-2.0-or-later
// Description in language: the entity has a description in one of the languages. Descriptions have
// no "mul". The runner's own.
#include "checks/row.hpp"

#include <algorithm>

namespace runner::checks {

namespace {

using Own = One<&ParameterReader::languages>;

Verdict run(const Context& context, const std::vector<std::string_view>& languages) {
    if (std::any_of(languages.begin(), languages.end(), [&](std::string_view language) {
            return context.entity->has_description(language);
        }))
        return Status::compliance;
    ViolationMessage message("description-in-language");
    message.entity_id(context.snak->property, Role::predicate);
    message.languages(languages);
    return Verdict::violation(std::move(message));
}

} // namespace

extern constexpr CheckRow description_in_language_row = row<Own, run>({
    .name = "description-in-language",
    .type = config::ConstraintId::DescriptionInLanguageConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = on_items_and_properties,
    .extra = config::Extra::types,
});

} // namespace runner::checks
