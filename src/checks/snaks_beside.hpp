// SPDX-License-Identifier: GPL-2.0-or-later
// The extra "beside": in a qualifier or a reference, conflicts with and item requires statement are
// about the snaks that are beside it, which WBQC leaves to do.
#pragma once

#include "checks/classes_too.hpp"
#include "checks/entity_index.hpp"
#include "checks/property_and_items.hpp"

namespace runner::checks::snaks_beside {

/// The first snak beside that has the property of the parameters, and a value of theirs if they
/// list any; or null.
[[nodiscard]] inline const entity::Snak* find(const Context& context,
                                              const property_and_items::Own& own) {
    const auto snaks = context.siblings();
    return context.index->memory().once<entity::Snak>(
        snaks.data(), &own, snaks.size(), [&]() -> const entity::Snak* {
            for (const entity::Snak& snak : snaks)
                if (snak.property == *own.property && (own.items->empty() || own.set.matches(snak)))
                    return &snak;
            return nullptr;
        });
}

/// For CheckRow::concerns. Constraints with classes are not supported here.
[[nodiscard]] inline bool names_no_classes(const Constraint& constraint,
                                           const CheckSettings& settings) {
    return !classes_too::names_classes(constraint, settings);
}

/// Main snaks are checked by WBQC's check: a `todo` context, not an invalid one, since the scope of
/// a constraint may name it.
template <auto run>
[[nodiscard]] constexpr CheckRow row(std::string_view name, config::ConstraintId type) {
    return checks::row<property_and_items::Own, run>(
        {.name = name,
         .type = type,
         .contexts = {Support::todo, Support::yes, Support::yes},
         .default_contexts = by_default_on_main_snak,
         .entity_types = on_all_entities,
         .extra = config::Extra::beside,
         .concerns = names_no_classes});
}

} // namespace runner::checks::snaks_beside
