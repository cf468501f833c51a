// SPDX-License-Identifier: GPL-2.0-or-later
// See entity_cache.hpp.
#include "facts/entity_cache.hpp"

namespace runner::facts {

std::vector<source::Lookup> EntityCache::pages(std::span<const entity::EntityId> ids,
                                               source::EntitySource& source) {
    std::vector<source::Lookup> out(ids.size());
    std::vector<entity::EntityId> wanted;
    std::vector<std::size_t> places;
    {
        const std::lock_guard lock(mutex_);
        const auto oldest = Clock::now() - age_;
        for (std::size_t i = 0; i < ids.size(); ++i) {
            const auto at = entries_.find(ids[i].page());
            if (at == entries_.end() || at->second.loaded < oldest) {
                wanted.push_back(ids[i].page());
                places.push_back(i);
                continue;
            }
            uses_.splice(uses_.begin(), uses_, at->second.use);
            out[i] = at->second.lookup;
        }
    }
    if (wanted.empty())
        return out;
    auto found = source.load(wanted);
    const std::lock_guard lock(mutex_);
    for (std::size_t n = 0; n < wanted.size(); ++n) {
        out[places[n]] = found[n];
        auto at = entries_.find(wanted[n]);
        if (at == entries_.end()) {
            if (entries_.size() >= capacity_) {
                entries_.erase(uses_.back());
                uses_.pop_back();
            }
            uses_.push_front(wanted[n]);
            at = entries_.emplace(wanted[n], Entry{}).first;
            at->second.use = uses_.begin();
        }
        at->second.lookup = std::move(found[n]);
        at->second.loaded = Clock::now();
    }
    return out;
}

std::vector<Target> EntityCache::get(std::span<const entity::EntityId> ids,
                                     source::EntitySource& source) {
    std::vector<Target> out(ids.size());
    std::vector<entity::EntityId> redirected;
    std::vector<std::size_t> places;
    const auto take = [&](std::size_t i, const entity::EntityId& id, source::Lookup& page) {
        if (page.state != source::State::found)
            return;
        out[i].entity = page.document->find(id);
        out[i].document = std::move(page.document);
        out[i].revision = page.revision;
    };
    auto first = pages(ids, source);
    for (std::size_t i = 0; i < ids.size(); ++i) {
        out[i].asked = ids[i];
        if (first[i].state == source::State::redirect) {
            redirected.push_back(first[i].redirect_target);
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

void EntityCache::changed(const entity::EntityId& id) {
    const std::lock_guard lock(mutex_);
    const auto at = entries_.find(id.page());
    if (at == entries_.end())
        return;
    uses_.erase(at->second.use);
    entries_.erase(at);
}

} // namespace runner::facts
