// SPDX-License-Identifier: GPL-2.0-or-later
// Label in language: the entity has a label in one of the languages (or in "mul").
// WBQC: LabelInLanguageChecker.
#include "checks/row.hpp"

namespace runner::checks {

namespace {

using Own = One<&ParameterReader::languages>;

Verdict run(const Context& context, const std::vector<std::string_view>& languages) {
    if (context.entity->has_label("mul"))
        return Status::compliance;
    for (const std::string_view language : languages)
        if (context.entity->has_label(language))
            return Status::compliance;
    ViolationMessage message("label-lacking");
    message.entity_id(context.snak->property, Role::predicate);
    message.languages(languages);
    return Verdict::violation(std::move(message));
}

} // namespace

extern constexpr CheckRow label_in_language_row = row<Own, run>({
    .name = "label-in-language",
    .type = config::ConstraintId::LabelInLanguageConstraint,
    .contexts = in_all_contexts,
    .default_contexts = by_default_everywhere,
    .entity_types = on_items_and_properties,
});

} // namespace runner::checks
