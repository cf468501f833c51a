// SPDX-License-Identifier: GPL-2.0-or-later
// See entity_cache.hpp.
#include "facts/entity_cache.hpp"

namespace runner::facts {

std::size_t EntityCache::size_of(const source::Lookup& lookup) noexcept {
    constexpr std::size_t frame = 256; // the entry itself, its place in map and list
    return frame + (lookup.document != nullptr ? lookup.document->json_bytes() : 0);
}

void EntityCache::forget(const entity::EntityId& page) {
    const auto at = entries_.find(page);
    if (at == entries_.end())
        return;
    bytes_ -= size_of(at->second.lookup);
    uses_.erase(at->second.use);
    entries_.erase(at);
}

void EntityCache::keep(const entity::EntityId& page, const source::Lookup& lookup) {
    forget(page);
    bytes_ += size_of(lookup);
    uses_.push_front(page);
    entries_.emplace(page, Entry{lookup, Clock::now(), uses_.begin()});
    while (bytes_ > capacity_ && uses_.size() > 1)
        forget(entity::EntityId{uses_.back()});
}

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
        keep(wanted[n], found[n]);
        out[places[n]] = std::move(found[n]);
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

void EntityCache::changed(const entity::EntityId& id, std::uint64_t revision) {
    const std::lock_guard lock(mutex_);
    const auto at = entries_.find(id.page());
    if (at != entries_.end() && revision != 0 && at->second.lookup.revision >= revision)
        return;
    forget(id.page());
}

} // namespace runner::facts
