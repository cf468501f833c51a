// SPDX-License-Identifier: GPL-2.0-or-later
// The cache of documents: see document_cache.hpp.
#include "queue/document_cache.hpp"

#include <iterator>
#include <utility>

namespace runner::queue {

namespace {

// what an entry costs beside its text: two nodes, the key twice, the shared string
constexpr std::size_t overhead = 256;

} // namespace

void DocumentCache::put(const store::EntityKey& key, std::uint64_t revision,
                        store::DocumentPtr document) {
    if (!document || revision == 0)
        return;
    const std::lock_guard lock(mutex_);
    const auto found = index_.find(key);
    if (found != index_.end()) {
        if (found->second->revision > revision)
            return;
        erase(found->second);
    }
    bytes_ += document->size() + overhead;
    entries_.push_back({key, revision, std::move(document)});
    index_.emplace(key, std::prev(entries_.end()));
    shrink();
}

store::DocumentPtr DocumentCache::get(const store::EntityKey& key, std::uint64_t revision) {
    const std::lock_guard lock(mutex_);
    const auto found = index_.find(key);
    if (found == index_.end() || found->second->revision != revision) {
        ++hits_.misses;
        return nullptr;
    }
    ++hits_.hits;
    return found->second->document;
}

void DocumentCache::forget(const store::EntityKey& key, std::uint64_t revision) {
    const std::lock_guard lock(mutex_);
    const auto found = index_.find(key);
    if (found != index_.end() && found->second->revision <= revision)
        erase(found->second);
}

void DocumentCache::set_max_bytes(std::size_t max_bytes) {
    const std::lock_guard lock(mutex_);
    max_bytes_ = max_bytes;
    shrink();
}

std::size_t DocumentCache::bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
}

std::size_t DocumentCache::size() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
}

DocumentCache::Hits DocumentCache::hits() const {
    const std::lock_guard lock(mutex_);
    return hits_;
}

void DocumentCache::erase(Entries::iterator entry) {
    bytes_ -= entry->document->size() + overhead;
    index_.erase(entry->key);
    entries_.erase(entry);
}

void DocumentCache::shrink() {
    while (bytes_ > max_bytes_ && !entries_.empty())
        erase(entries_.begin());
}

} // namespace runner::queue
