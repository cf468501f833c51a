// SPDX-License-Identifier: GPL-2.0-or-later
#include "checks/wanted.hpp"

#include "checks/contexts.hpp"
#include "checks/property_checks.hpp"

#include <set>
#include <utility>

namespace runner::checks {

namespace {

/// A main snak on which the constraint is not checked.
bool is_excepted(const PreparedConstraint& constraint, ContextType context,
                 const entity::EntityId& id) {
    return context == ContextType::statement &&
           (!constraint.exceptions ||
            std::binary_search(constraint.exceptions->begin(), constraint.exceptions->end(), id));
}

} // namespace

Wanted wanted_of(const Gathered& gathered, const config::WikiSettings& wiki, bool with_titles) {
    Wanted out;
    const entity::Entity& entity = *gathered.entity;
    const auto type = static_cast<std::size_t>(entity.id.type);
    std::set<const PreparedConstraint*> asked; // for others: once is enough
    const auto add = [&](const PropertyChecks& checks, ContextType context,
                         const entity::Statement& statement, const entity::Snak& snak) {
        const auto* value =
            snak.type == entity::SnakType::value ? entity::entity_id_of(snak.value) : nullptr;
        for (const PreparedConstraint& constraint : checks.constraints()) {
            if (constraint.row == nullptr || constraint.bad_scope ||
                constraint.scope[static_cast<std::size_t>(context)][type] != InScope::yes ||
                constraint.row->skips(context, statement))
                continue;
            switch (constraint.row->needs) {
            case Needs::nothing:
            case Needs::same_values: break;
            case Needs::title:
                if (with_titles && !is_excepted(constraint, context, entity.id))
                    if (auto title = constraint.row->title(snak, constraint.constraint,
                                                           constraint.parameters.get()))
                        out.titles.push_back(std::move(*title));
                break;
            case Needs::value_classes:
                if (value != nullptr)
                    out.classified.push_back(*value);
                [[fallthrough]];
            case Needs::value_links:
            case Needs::value:
                if (value != nullptr)
                    out.values.push_back(*value);
                break;
            case Needs::others_classes: {
                if (!asked.insert(&constraint).second)
                    break;
                const std::size_t before = out.classified.size();
                constraint.row->others(entity, entity, snak, constraint.parameters.get(),
                                       out.classified);
                out.values.insert(out.values.end(),
                                  out.classified.begin() + static_cast<std::ptrdiff_t>(before),
                                  out.classified.end());
                break;
            }
            case Needs::value_lexeme:
                if (value != nullptr)
                    out.values.push_back(value->page());
                break;
            case Needs::subject_classes: out.subject_classes = true; break;
            case Needs::lexeme: out.lexeme = true; break;
            }
        }
    };
    for_each_context(entity, wiki,
                     [&](ContextType context, const entity::Statement& statement,
                         const entity::Reference*, const entity::Snak& snak) {
                         const PropertyChecks* checks = gathered.property(snak.property);
                         if (checks == nullptr)
                             return;
                         if (checks->needs_others())
                             add(*checks, context, statement, snak);
                         if (checks->own() != nullptr && checks->own()->needs_others())
                             add(*checks->own(), context, statement, snak);
                     });
    keep_unique(out.values);
    keep_unique(out.classified);
    keep_unique(out.titles);
    return out;
}

std::vector<entity::EntityId> wanted_links(const Gathered& gathered,
                                           const config::WikiSettings& wiki) {
    std::vector<entity::EntityId> out;
    std::set<std::pair<const entity::Entity*, const PreparedConstraint*>> asked;
    const entity::Entity& subject = *gathered.entity;
    const auto type = static_cast<std::size_t>(subject.id.type);
    for_each_context(
        subject, wiki,
        [&](ContextType context, const entity::Statement& statement, const entity::Reference*,
            const entity::Snak& snak) {
            const PropertyChecks* checks = gathered.property(snak.property);
            if (checks == nullptr || checks->own() == nullptr || !checks->own()->needs_others() ||
                snak.type != entity::SnakType::value)
                return;
            const auto* id = entity::entity_id_of(snak.value);
            const entity::Entity* value = id != nullptr ? gathered.facts.target(*id) : nullptr;
            if (value == nullptr)
                return;
            for (const PreparedConstraint& constraint : checks->own()->constraints())
                if (constraint.row->needs == Needs::value_links && !constraint.bad_scope &&
                    constraint.scope[static_cast<std::size_t>(context)][type] == InScope::yes &&
                    !constraint.row->skips(context, statement) &&
                    asked.emplace(value, &constraint).second)
                    constraint.row->others(*value, subject, snak, constraint.parameters.get(), out);
        });
    keep_unique(out);
    return out;
}

} // namespace runner::checks
