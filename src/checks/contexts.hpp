// SPDX-License-Identifier: GPL-2.0-or-later
// The places of an entity where constraints are checked, in WBQC's order.
#pragma once

#include "config/wiki_settings.hpp"
#include "entity/entity.hpp"
#include "results/message.hpp"

#include <algorithm>

namespace runner::checks {

/// Calls `each(type, statement, reference or null, snak)` for every context: statement by
/// statement its main snak, its qualifiers, the snaks of its references.
template <typename Each>
void for_each_context(const entity::Entity& entity, const config::WikiSettings& wiki, Each each) {
    using results::ContextType;
    const auto& violating = wiki.properties_with_violating_qualifiers;
    for (const entity::Statement& statement : entity.statements) {
        each(ContextType::statement, statement, nullptr, statement.main);
        if (wiki.check_qualifiers && !statement.qualifiers.empty() &&
            (violating.empty() ||
             std::find(violating.begin(), violating.end(), statement.main.property.to_string()) ==
                 violating.end()))
            for (const entity::Snak& qualifier : statement.qualifiers)
                each(ContextType::qualifier, statement, nullptr, qualifier);
        if (wiki.check_references)
            for (const entity::Reference& reference : statement.references)
                for (const entity::Snak& snak : reference.snaks)
                    each(ContextType::reference, statement, &reference, snak);
    }
}

} // namespace runner::checks
