// SPDX-License-Identifier: GPL-2.0-or-later
// See entity_index.hpp. Grouping follows WBQC's MainSnakContext::getSnakGroup.
#include "checks/entity_index.hpp"

#include <algorithm>

namespace runner::checks {

EntityIndex::EntityIndex(const entity::Entity& entity) {
    statements_.reserve(entity.statements.size());
    for (const entity::Statement& statement : entity.statements)
        statements_.push_back(&statement);
    const auto by_property = [](const entity::Statement* a, const entity::Statement* b) {
        return a->main.property < b->main.property;
    };
    std::stable_sort(statements_.begin(), statements_.end(), by_property);
    for (std::uint32_t i = 0; i < statements_.size(); ++i) {
        const entity::Statement& statement = *statements_[i];
        if (groups_.empty() || groups_.back().property != statement.main.property)
            groups_.push_back({statement.main.property, i, 0, {}});
        Group& group = groups_.back();
        ++group.size;
        if (statement.rank == entity::Rank::preferred)
            ++group.counts.preferred;
        else if (statement.rank == entity::Rank::normal)
            ++group.counts.normal;
    }
}

const EntityIndex::Group* EntityIndex::find(entity::PropertyId property) const noexcept {
    const auto at =
        std::lower_bound(groups_.begin(), groups_.end(), property,
                         [](const Group& group, entity::PropertyId p) { return group.property < p; });
    return at != groups_.end() && at->property == property ? &*at : nullptr;
}

std::span<const entity::Statement* const>
EntityIndex::statements(entity::PropertyId property) const noexcept {
    const Group* group = find(property);
    if (group == nullptr)
        return {};
    return {statements_.data() + group->begin, group->size};
}

EntityIndex::Counts EntityIndex::counts(entity::PropertyId property) const noexcept {
    const Group* group = find(property);
    return group == nullptr ? Counts{} : group->counts;
}

namespace {

bool same_qualifiers(const entity::Statement& a, const entity::Statement& b,
                     entity::PropertyId property) {
    const auto count = [&](const entity::Statement& statement) {
        return std::count_if(statement.qualifiers.begin(), statement.qualifiers.end(),
                             [&](const entity::Snak& q) { return q.property == property; });
    };
    if (count(a) != count(b))
        return false;
    for (const entity::Snak& qualifier : a.qualifiers) {
        if (qualifier.property != property)
            continue;
        if (qualifier.type == entity::SnakType::somevalue)
            return false; // two unknown values are never the same
        const bool found = std::any_of(
            b.qualifiers.begin(), b.qualifiers.end(),
            [&](const entity::Snak& other) { return other.hash == qualifier.hash; });
        if (!found)
            return false;
    }
    return true;
}

bool belongs(const entity::Statement& statement, Grouping grouping, bool has_preferred) noexcept {
    if (grouping == Grouping::best_rank && has_preferred)
        return statement.rank == entity::Rank::preferred;
    return statement.rank != entity::Rank::deprecated;
}

} // namespace

std::size_t count_values(const Context& context, Grouping grouping,
                         std::span<const entity::PropertyId> separators) {
    const entity::PropertyId property = context.snak->property;
    if (context.type != ContextType::statement) {
        const auto snaks = context.siblings();
        return static_cast<std::size_t>(
            std::count_if(snaks.begin(), snaks.end(),
                          [&](const entity::Snak& s) { return s.property == property; }));
    }
    const auto counts = context.index->counts(property);
    if (separators.empty())
        return grouping == Grouping::best_rank ? counts.best() : counts.non_deprecated();
    std::size_t count = 0;
    for (const entity::Statement* other : context.index->statements(property)) {
        if (!belongs(*other, grouping, counts.preferred != 0))
            continue;
        const bool same =
            other == context.statement ||
            std::all_of(separators.begin(), separators.end(), [&](entity::PropertyId separator) {
                return same_qualifiers(*context.statement, *other, separator);
            });
        count += same ? 1 : 0;
    }
    return count;
}

} // namespace runner::checks
