// SPDX-License-Identifier: GPL-2.0-or-later
// See property_cache.hpp.
#include "checks/property_cache.hpp"

#include "source/load_or_explain.hpp"

#include <algorithm>

namespace runner::checks {

namespace {

constexpr std::chrono::seconds problem_age{10}; // it may be over: a wiki that failed once, say

} // namespace

bool PropertyCache::is_to_read_again(const Entry& entry) {
    return !entry.checks->problem().empty() && Clock::now() - entry.loaded > problem_age;
}

PropertyCache::Entry& PropertyCache::entry(entity::PropertyId id) {
    if (const auto at = entries_.find(id); at != entries_.end()) {
        uses_.splice(uses_.begin(), uses_, at->second.use);
        return at->second;
    }
    if (entries_.size() >= capacity_) {
        entries_.erase(uses_.back());
        uses_.pop_back();
    }
    uses_.push_front(id);
    Entry& made = entries_[id];
    made.use = uses_.begin();
    return made;
}

/// A property that is read again counts again: it is the proportion that says something.
void PropertyCache::count(const PropertyChecks& checks) noexcept {
    if (!checks.exists())
        return;
    ++read_;
    if (!checks.constraints().empty())
        ++constrained_;
}

void PropertyCache::insert(std::shared_ptr<const PropertyChecks> checks) {
    Entry& place = entry(checks->id());
    // a source may lag behind a job; such an answer is used but not cached
    if (checks->revision() < place.newest && checks->problem().empty())
        return;
    place.newest = std::max(place.newest, checks->revision());
    place.loaded = Clock::now();
    place.checks = std::move(checks);
}

std::vector<std::shared_ptr<const PropertyChecks>>
PropertyCache::get(std::span<const entity::PropertyId> ids, source::EntitySource& source) {
    std::vector<std::shared_ptr<const PropertyChecks>> out(ids.size());
    std::vector<std::size_t> missing;
    {
        const std::lock_guard lock(mutex_);
        const auto oldest = Clock::now() - age_;
        for (std::size_t i = 0; i < ids.size(); ++i) {
            const auto at = entries_.find(ids[i]);
            if (at == entries_.end() || at->second.checks == nullptr ||
                at->second.loaded < oldest || is_to_read_again(at->second)) {
                missing.push_back(i);
                continue;
            }
            uses_.splice(uses_.begin(), uses_, at->second.use);
            out[i] = at->second.checks;
        }
    }
    if (missing.empty())
        return out;
    std::vector<entity::EntityId> wanted;
    for (const std::size_t i : missing)
        wanted.push_back(ids[i].entity_id());
    const auto found = source::load_or_explain(source, wanted);
    for (std::size_t n = 0; n < missing.size(); ++n) {
        const source::Lookup& lookup = found[n].lookup;
        const entity::PropertyId id = ids[missing[n]];
        out[missing[n]] =
            found[n].problem.empty()
                ? std::make_shared<const PropertyChecks>(
                      id, lookup.revision,
                      lookup.state == source::State::found ? lookup.document : nullptr, settings_)
                : std::make_shared<const PropertyChecks>(id, found[n].problem);
    }
    const std::lock_guard lock(mutex_);
    for (const std::size_t i : missing) {
        count(*out[i]);
        insert(out[i]);
    }
    return out;
}

void PropertyCache::changed(entity::PropertyId id, std::uint64_t revision,
                            const entity::EntityPtr& document) {
    std::shared_ptr<const PropertyChecks> checks;
    if (document != nullptr) {
        checks = std::make_shared<const PropertyChecks>(id, revision, document, settings_);
        count(*checks);
    }
    const std::lock_guard lock(mutex_);
    Entry& place = entry(id);
    if (revision != 0 && revision <= place.newest && place.checks != nullptr &&
        place.checks->revision() >= revision)
        return;
    place.newest = revision == 0 ? 0 : std::max(place.newest, revision);
    place.checks = std::move(checks);
    place.loaded = Clock::now();
}

} // namespace runner::checks
