// SPDX-License-Identifier: GPL-2.0-or-later
// See entity_cache.hpp.
#include "facts/entity_cache.hpp"

#include "facts/seen_by_others.hpp"
#include "source/load_or_explain.hpp"

#include <utility>

namespace runner::facts {

namespace {

constexpr std::chrono::seconds problem_age{10}; // it may be over: a wiki that failed once, say

} // namespace

std::size_t EntityCache::size_of(const source::ReadableLookup& answer) noexcept {
    constexpr std::size_t frame = 256; // the entry itself, its place in map and list
    const entity::EntityPtr& document = answer.lookup.document;
    return frame + answer.problem.size() + (document != nullptr ? document->json_bytes() : 0);
}

void EntityCache::forget(const entity::EntityId& page) {
    const auto at = entries_.find(page);
    if (at == entries_.end())
        return;
    bytes_ -= size_of(at->second.page.answer);
    uses_.erase(at->second.use);
    entries_.erase(at);
}

void EntityCache::keep(const entity::EntityId& id, const Page& page) {
    forget(id);
    bytes_ += size_of(page.answer);
    uses_.push_front(id);
    entries_.emplace(id, Entry{page, Clock::now(), uses_.begin()});
    while (bytes_ > capacity_ && uses_.size() > 1)
        forget(entity::EntityId{uses_.back()});
}

EntityCache::Page EntityCache::page_of(source::ReadableLookup answer) const {
    Page page{std::move(answer)};
    const source::Lookup& lookup = page.answer.lookup;
    if (!page.answer.problem.empty())
        page.seen = seen_unreadable;
    else if (lookup.state == source::State::redirect)
        page.seen = seen_of_redirect(lookup.redirect_target);
    else if (lookup.state == source::State::found) {
        const entity::Entity& entity = lookup.document->entity();
        page.seen = seen_when_linked(entity, property_constraint_, lexical_category_);
        if (entity.id.type == entity::EntityType::property)
            page.by_constraints = seen_by_others(entity, property_constraint_, lexical_category_);
    }
    return page;
}

Observation EntityCache::observe(const entity::EntityId& id, const Page& page) const {
    const source::Lookup& lookup = page.answer.lookup;
    if (!page.answer.problem.empty())
        return {id, lookup.revision, page.seen};
    if (lookup.state == source::State::missing)
        return {id, 0, 0};
    if (id.page() == id)
        return {id, lookup.revision, page.seen, lookup.state == source::State::redirect,
                page.by_constraints};
    // a form or sense: missing when its lexeme redirects
    const entity::Entity* part =
        lookup.state == source::State::found ? lookup.document->find(id) : nullptr;
    return {id, lookup.revision,
            part != nullptr ? seen_by_others(*part, property_constraint_, lexical_category_) : 0};
}

std::vector<EntityCache::Page> EntityCache::pages(std::span<const entity::EntityId> ids,
                                                  source::EntitySource& source) {
    std::vector<Page> out(ids.size());
    std::vector<entity::EntityId> wanted;
    std::vector<std::size_t> places;
    {
        const std::lock_guard lock(mutex_);
        const auto oldest = Clock::now() - age_;
        for (std::size_t i = 0; i < ids.size(); ++i) {
            const auto at = entries_.find(ids[i].page());
            if (at == entries_.end() || at->second.loaded < oldest ||
                (!at->second.page.answer.problem.empty() &&
                 at->second.loaded < Clock::now() - problem_age)) {
                wanted.push_back(ids[i].page());
                places.push_back(i);
                continue;
            }
            uses_.splice(uses_.begin(), uses_, at->second.use);
            out[i] = at->second.page;
        }
    }
    if (wanted.empty())
        return out;
    auto found = source::load_or_explain(source, wanted);
    for (std::size_t n = 0; n < wanted.size(); ++n)
        out[places[n]] = page_of(std::move(found[n]));
    const std::lock_guard lock(mutex_);
    for (std::size_t n = 0; n < wanted.size(); ++n)
        keep(wanted[n], out[places[n]]);
    return out;
}

std::vector<Target> EntityCache::get(std::span<const entity::EntityId> ids,
                                     source::EntitySource& source,
                                     std::vector<Observation>& observed) {
    std::vector<Target> out(ids.size());
    std::vector<entity::EntityId> redirected;
    std::vector<std::size_t> places;
    // the placeholder for a missing part depends on whether its page is missing or redirects
    const auto note = [&](const entity::EntityId& id, const Page& page) {
        observed.push_back(observe(id, page));
        if (observed.back().seen == 0 && id.page() != id)
            observed.push_back(observe(id.page(), page));
    };
    const auto take = [&](std::size_t i, const entity::EntityId& id, Page& page) {
        note(id, page);
        out[i].problem = std::move(page.answer.problem);
        source::Lookup& lookup = page.answer.lookup;
        if (lookup.state != source::State::found)
            return;
        out[i].entity = lookup.document->find(id);
        out[i].document = std::move(lookup.document);
        out[i].revision = lookup.revision;
    };
    auto first = pages(ids, source);
    for (std::size_t i = 0; i < ids.size(); ++i) {
        out[i].asked = ids[i];
        if (first[i].answer.lookup.state == source::State::redirect) {
            note(ids[i], first[i]);
            redirected.push_back(first[i].answer.lookup.redirect_target);
            places.push_back(i);
        } else {
            take(i, ids[i], first[i]);
        }
    }
    if (!redirected.empty()) {
        auto second = pages(redirected, source);
        for (std::size_t n = 0; n < redirected.size(); ++n)
            take(places[n], redirected[n], second[n]);
    }
    return out;
}

void EntityCache::changed(const entity::EntityId& id, std::uint64_t revision) {
    const std::lock_guard lock(mutex_);
    const auto at = entries_.find(id.page());
    if (at != entries_.end() && revision != 0 && at->second.page.answer.lookup.revision >= revision)
        return;
    forget(id.page());
}

} // namespace runner::facts
