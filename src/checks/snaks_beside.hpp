// SPDX-License-Identifier: GPL-2.0-or-later
// The extra "beside": in a qualifier or a reference, conflicts with and item requires statement are about
// the snaks that stand beside it, which WBQC leaves to do.
#pragma once

#include "checks/entity_index.hpp"
#include "checks/property_and_items.hpp"

namespace runner::checks::snaks_beside {

/// In main snaks WBQC's check is made. A context that is left to do, and not one that is wrong: the
/// scope of a constraint may name it.
inline constexpr std::array<Support, 3> contexts{Support::todo, Support::yes, Support::yes};

/// The first snak beside that has the property of the parameters, and a value of theirs if they
/// list any; or null.
[[nodiscard]] inline const entity::Snak* find(const Context& context,
                                              const property_and_items::Own& own) {
    const auto snaks = context.siblings();
    return context.index->memory().once<entity::Snak>(
        snaks.data(), &own, snaks.size(), [&]() -> const entity::Snak* {
            for (const entity::Snak& snak : snaks)
                if (snak.property == *own.property &&
                    (own.items->empty() || own.set.matches(snak)))
                    return &snak;
            return nullptr;
        });
}

/// For CheckRow::concerns. What a constraint with classes means beside is not looked at.
[[nodiscard]] inline bool names_no_classes(const Constraint& constraint,
                                           const CheckSettings& settings) {
    return constraint.parameter(settings.vocabulary.property(config::ConstraintId::Class)) ==
           nullptr;
}

} // namespace runner::checks::snaks_beside
