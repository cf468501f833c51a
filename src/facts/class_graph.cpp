// SPDX-License-Identifier: GPL-2.0-or-later
// See class_graph.hpp. What counts as a superclass follows WBQC's TypeCheckerHelper.
#include "facts/class_graph.hpp"

#include <algorithm>
#include <mutex>

namespace runner::facts {

namespace {

constexpr std::size_t max_remembered = 4'000'000; // ids in remembered answers, 48 MB

} // namespace

std::vector<entity::EntityId> best_links(const entity::Entity& entity,
                                         entity::PropertyId property) {
    std::vector<entity::EntityId> preferred;
    std::vector<entity::EntityId> normal;
    bool has_preferred = false;
    for (const entity::Statement& statement : entity.statements) {
        if (statement.main.property != property || statement.rank == entity::Rank::deprecated)
            continue;
        has_preferred = has_preferred || statement.rank == entity::Rank::preferred;
        if (statement.main.type != entity::SnakType::value)
            continue;
        if (const auto* id = entity::entity_id_of(statement.main.value))
            (statement.rank == entity::Rank::preferred ? preferred : normal).push_back(*id);
    }
    return has_preferred ? preferred : normal;
}

ClassGraph::Number ClassGraph::number(const entity::EntityId& id) {
    const auto [at, made] = numbers_.emplace(id, static_cast<Number>(classes_.size()));
    if (made)
        classes_.push_back({id, 0, 0, 0, {}});
    return at->second;
}

void ClassGraph::store(const entity::EntityId& id, std::uint64_t revision,
                       const std::vector<entity::EntityId>& superclasses) {
    const Number self = number(id);
    std::vector<Number> edges;
    edges.reserve(superclasses.size());
    for (const auto& superclass : superclasses)
        edges.push_back(number(superclass));
    Class& place = classes_[self];
    const bool known = place.loaded != Clock::time_point{};
    place.loaded = Clock::now();
    place.revision = revision;
    const auto* old = edges_.data() + place.edges_begin;
    if (known && std::equal(edges.begin(), edges.end(), old, old + place.edges_count))
        return;
    if (known)
        ++version_;
    unused_edges_ += place.edges_count;
    place.edges_begin = static_cast<std::uint32_t>(edges_.size());
    place.edges_count = static_cast<std::uint32_t>(edges.size());
    edges_.insert(edges_.end(), edges.begin(), edges.end());
    if (unused_edges_ > 1024 && unused_edges_ > edges_.size() / 2)
        drop_unused_edges();
}

void ClassGraph::drop_unused_edges() {
    std::vector<Number> kept;
    kept.reserve(edges_.size() - unused_edges_);
    for (Class& each : classes_) {
        const auto begin = edges_.begin() + each.edges_begin;
        each.edges_begin = static_cast<std::uint32_t>(kept.size());
        kept.insert(kept.end(), begin, begin + each.edges_count);
    }
    edges_ = std::move(kept);
    unused_edges_ = 0;
}

void ClassGraph::load(const std::vector<entity::EntityId>& ids, source::EntitySource& source) {
    const auto found = source.load(ids);
    std::vector<entity::EntityId> targets; // of redirects: one hop, as in Wikibase
    std::vector<entity::EntityId> redirects;
    std::vector<std::vector<entity::EntityId>> links(ids.size());
    const auto links_of = [&](const source::Lookup& lookup, const entity::EntityId& id) {
        const entity::Entity* entity =
            lookup.state == source::State::found ? lookup.document->find(id) : nullptr;
        return entity != nullptr ? best_links(*entity, subclass_of_)
                                 : std::vector<entity::EntityId>{};
    };
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (found[i].state == source::State::redirect) {
            targets.push_back(found[i].redirect_target);
            redirects.push_back(ids[i]);
        } else {
            links[i] = links_of(found[i], ids[i]);
        }
    }
    std::vector<source::Lookup> behind;
    if (!targets.empty())
        behind = source.load(targets);
    const std::unique_lock lock(mutex_);
    for (std::size_t i = 0; i < ids.size(); ++i)
        if (found[i].state != source::State::redirect)
            store(ids[i], found[i].revision, links[i]);
    for (std::size_t i = 0; i < targets.size(); ++i)
        store(redirects[i], 0, links_of(behind[i], targets[i]));
}

/// Goes upwards from `search.open` as far as statements are known; what is not becomes
/// `search.unknown`.
void ClassGraph::climb(Search& search) {
    const auto visit = [&](Number above) {
        if (above >= search.seen.size())
            search.seen.resize(classes_.size(), false);
        if (!search.seen[above]) {
            search.seen[above] = true;
            search.open.push_back(above);
        }
    };
    search.unknown.clear();
    while (!search.open.empty()) {
        const Class& each = classes_[search.open.back()];
        search.open.pop_back();
        if (each.loaded == Clock::time_point{} || each.loaded < search.oldest) {
            search.unknown.push_back(each.id);
            continue;
        }
        for (std::uint32_t i = 0; i < each.edges_count; ++i)
            visit(edges_[each.edges_begin + i]);
    }
}

void ClassGraph::load_above(std::span<const entity::EntityId> classes,
                            source::EntitySource& source) {
    Search search;
    {
        const std::unique_lock lock(mutex_);
        search.oldest = Clock::now() - age_;
        for (const auto& id : classes) {
            const Number start = number(id);
            const auto answer = answers_.find(start);
            if (answer != answers_.end() && answer->second.version == version_ &&
                answer->second.made >= search.oldest)
                continue;
            search.open.push_back(start);
        }
        search.seen.resize(classes_.size(), false);
        for (const Number start : search.open)
            search.seen[start] = true;
        climb(search);
    }
    while (!search.unknown.empty()) {
        const auto loaded = std::move(search.unknown);
        load(loaded, source);
        const std::unique_lock lock(mutex_);
        for (const auto& id : loaded)
            search.open.push_back(number(id));
        climb(search);
    }
}

Superclasses ClassGraph::walk(Number start) {
    auto& answer = answers_[start];
    if (answer.superclasses != nullptr && answer.version == version_)
        return answer.superclasses;
    std::vector<bool> seen(classes_.size(), false);
    std::vector<Number> open{start};
    auto out = std::make_shared<std::vector<entity::EntityId>>();
    while (!open.empty()) {
        const Class& each = classes_[open.back()];
        open.pop_back();
        for (std::uint32_t i = 0; i < each.edges_count; ++i) {
            const Number above = edges_[each.edges_begin + i];
            if (seen[above])
                continue;
            seen[above] = true;
            open.push_back(above);
            out->push_back(classes_[above].id);
        }
    }
    std::sort(out->begin(), out->end());
    out->shrink_to_fit();
    if (answer.superclasses != nullptr)
        answers_size_ -= answer.superclasses->size();
    answers_size_ += out->size();
    answer = {out, version_, Clock::now()};
    if (answers_size_ > max_remembered) {
        answers_.clear();
        answers_size_ = 0;
    }
    return out;
}

std::vector<Superclasses> ClassGraph::superclasses(std::span<const entity::EntityId> classes,
                                                   source::EntitySource& source) {
    load_above(classes, source);
    std::vector<Superclasses> out;
    out.reserve(classes.size());
    const std::unique_lock lock(mutex_);
    for (const auto& id : classes)
        out.push_back(walk(number(id)));
    return out;
}

void ClassGraph::changed(const entity::EntityId& id, std::uint64_t revision,
                         const entity::Entity* entity) {
    const std::unique_lock lock(mutex_);
    const auto at = numbers_.find(id);
    if (at == numbers_.end())
        return;
    Class& place = classes_[at->second];
    if (place.loaded == Clock::time_point{} || (revision != 0 && place.revision >= revision))
        return;
    if (entity != nullptr) {
        store(id, revision, best_links(*entity, subclass_of_));
        return;
    }
    // known, but older than any age: the edges stay until the new ones are here
    place.loaded = Clock::time_point{} + std::chrono::nanoseconds(1);
    ++version_;
}

ClassGraph::Size ClassGraph::size() const {
    const std::shared_lock lock(mutex_);
    return {classes_.size(), edges_.size() - unused_edges_};
}

} // namespace runner::facts
