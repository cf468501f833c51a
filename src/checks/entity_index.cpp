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
    const auto at = std::lower_bound(
        groups_.begin(), groups_.end(), property,
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
        const bool found =
            std::any_of(b.qualifiers.begin(), b.qualifiers.end(),
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

/// One statement after the other against all others: best for a few.
template <typename Found>
void find_same(const entity::Statement& statement, std::span<const entity::Statement* const> all,
               Grouping grouping, bool has_preferred,
               std::span<const entity::PropertyId> separators, const Found& found) {
    for (const entity::Statement* other : all) {
        if (!belongs(*other, grouping, has_preferred))
            continue;
        const bool same =
            other == &statement ||
            std::all_of(separators.begin(), separators.end(), [&](entity::PropertyId separator) {
                return same_qualifiers(statement, *other, separator);
            });
        if (same)
            found(*other);
    }
}

/// The same for all statements at once. A list of qualifiers holds no snak twice, so that two
/// statements have the same separators if the sorted hashes of these are the same.
std::vector<std::uint32_t> sizes_of_groups(std::span<const entity::Statement* const> all,
                                           Grouping grouping, bool has_preferred,
                                           std::span<const entity::PropertyId> separators) {
    struct Key {
        std::uint32_t begin = 0;
        std::uint32_t end = 0;
        bool unknown = false; ///< with a somevalue, which is the same as nothing else
    };
    std::vector<entity::PropertyId> wanted(separators.begin(), separators.end());
    std::sort(wanted.begin(), wanted.end());
    std::vector<std::string_view> hashes;
    std::vector<Key> keys;
    std::vector<std::uint32_t> order;
    keys.reserve(all.size());
    for (const entity::Statement* statement : all) {
        Key key;
        key.begin = static_cast<std::uint32_t>(hashes.size());
        for (const entity::Snak& qualifier : statement->qualifiers) {
            if (!std::binary_search(wanted.begin(), wanted.end(), qualifier.property))
                continue;
            hashes.push_back(qualifier.hash);
            key.unknown = key.unknown || qualifier.type == entity::SnakType::somevalue;
        }
        std::sort(hashes.begin() + key.begin, hashes.end());
        key.end = static_cast<std::uint32_t>(hashes.size());
        order.push_back(static_cast<std::uint32_t>(keys.size()));
        keys.push_back(key);
    }
    const auto less = [&](std::uint32_t a, std::uint32_t b) {
        return std::lexicographical_compare(
            hashes.begin() + keys[a].begin, hashes.begin() + keys[a].end,
            hashes.begin() + keys[b].begin, hashes.begin() + keys[b].end);
    };
    std::sort(order.begin(), order.end(), less);
    std::vector<std::uint32_t> out(all.size());
    for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
        std::uint32_t count = 0;
        for (end = begin; end < order.size() && !less(order[begin], order[end]); ++end)
            count += belongs(*all[order[end]], grouping, has_preferred) ? 1 : 0;
        for (std::size_t i = begin; i < end; ++i) {
            const std::uint32_t at = order[i];
            out[at] = !keys[at].unknown                            ? count
                      : belongs(*all[at], grouping, has_preferred) ? 1U
                                                                   : 0U;
        }
    }
    return out;
}

} // namespace

std::uint32_t EntityIndex::same_separators(const entity::Statement& statement, Grouping grouping,
                                           std::span<const entity::PropertyId> separators) const {
    const Group* group = find(statement.main.property);
    if (group == nullptr)
        return 0;
    const std::span all{statements_.data() + group->begin, group->size};
    const bool has_preferred = group->counts.preferred != 0;
    if (all.size() < RunMemory::long_list) {
        std::uint32_t count = 0;
        find_same(statement, all, grouping, has_preferred, separators,
                  [&](const entity::Statement&) { ++count; });
        return count;
    }
    const auto [sizes, made] = separated_.try_emplace({group, separators.data(), grouping});
    if (made)
        sizes->second = sizes_of_groups(all, grouping, has_preferred, separators);
    // statements lie in the order of their addresses
    const auto at = std::lower_bound(all.begin(), all.end(), &statement) - all.begin();
    return sizes->second[static_cast<std::size_t>(at)];
}

EntityIndex::Beside EntityIndex::beside(std::span<const entity::Snak> snaks,
                                        entity::PropertyId property) const {
    const auto add = [](Beside& sum, const entity::Snak& snak) {
        ++sum.count;
        if (sum.first_value == nullptr && snak.type == entity::SnakType::value)
            sum.first_value = &snak;
    };
    if (snaks.size() < RunMemory::long_list) {
        Beside out{property};
        for (const entity::Snak& snak : snaks)
            if (snak.property == property)
                add(out, snak);
        return out;
    }
    const auto before = [](const Beside& a, const Beside& b) { return a.property < b.property; };
    if (beside_of_ != snaks.data()) {
        std::vector<const entity::Snak*> sorted;
        sorted.reserve(snaks.size());
        for (const entity::Snak& snak : snaks)
            sorted.push_back(&snak);
        std::stable_sort(
            sorted.begin(), sorted.end(),
            [](const entity::Snak* a, const entity::Snak* b) { return a->property < b->property; });
        beside_.clear();
        for (const entity::Snak* snak : sorted) {
            if (beside_.empty() || beside_.back().property != snak->property)
                beside_.push_back({snak->property});
            add(beside_.back(), *snak);
        }
        beside_of_ = snaks.data();
    }
    const auto at = std::lower_bound(beside_.begin(), beside_.end(), Beside{property}, before);
    return at != beside_.end() && at->property == property ? *at : Beside{property};
}

std::size_t count_values(const Context& context, Grouping grouping,
                         std::span<const entity::PropertyId> separators) {
    const entity::PropertyId property = context.snak->property;
    if (context.type != ContextType::statement)
        return context.index->beside(context.siblings(), property).count;
    if (!separators.empty())
        return context.index->same_separators(*context.statement, grouping, separators);
    const auto counts = context.index->counts(property);
    return grouping == Grouping::best_rank ? counts.best() : counts.non_deprecated();
}

std::vector<const entity::Snak*> values_of(const Context& context, Grouping grouping,
                                           std::span<const entity::PropertyId> separators) {
    const entity::PropertyId property = context.snak->property;
    std::vector<const entity::Snak*> out;
    if (context.type != ContextType::statement) {
        for (const entity::Snak& snak : context.siblings())
            if (snak.property == property)
                out.push_back(&snak);
        return out;
    }
    find_same(*context.statement, context.index->statements(property), grouping,
              context.index->counts(property).preferred != 0, separators,
              [&](const entity::Statement& other) { out.push_back(&other.main); });
    return out;
}

} // namespace runner::checks
