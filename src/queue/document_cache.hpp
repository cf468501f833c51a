// SPDX-License-Identifier: GPL-2.0-or-later
// Documents of recently accepted jobs, so that the runner that accepted a job need
// not read its document back from the database. Bounded by bytes; the oldest go first.
#pragma once

#include "store/jobs/job.hpp"

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>

namespace runner::queue {

/// Thread-safe. One document per wiki and entity: that of the newest revision.
class DocumentCache {
public:
    explicit DocumentCache(std::size_t max_bytes) : max_bytes_(max_bytes) {}

    /// Takes the document of `revision` unless a newer one is here. Without a revision (0) it is
    /// not kept: another runner may have accepted another document under the same name.
    void put(const store::EntityKey& key, std::uint64_t revision, store::DocumentPtr document);
    /// The document of exactly this revision, which stays cached; null when it was evicted.
    [[nodiscard]] store::DocumentPtr get(const store::EntityKey& key, std::uint64_t revision);
    /// Its job has ended: drops the document, unless it is of a revision newer than this.
    void forget(const store::EntityKey& key, std::uint64_t revision);

    void set_max_bytes(std::size_t max_bytes);
    [[nodiscard]] std::size_t bytes() const;
    [[nodiscard]] std::size_t size() const;
    /// Hits and misses of get().
    struct Hits {
        std::uint64_t hits = 0;
        std::uint64_t misses = 0;
    };
    [[nodiscard]] Hits hits() const;

private:
    struct Entry {
        store::EntityKey key;
        std::uint64_t revision = 0;
        store::DocumentPtr document;
    };
    using Entries = std::list<Entry>; // oldest first
    void erase(Entries::iterator entry);
    void shrink();

    mutable std::mutex mutex_;
    std::size_t max_bytes_;
    std::size_t bytes_ = 0;
    Entries entries_;
    std::map<store::EntityKey, Entries::iterator> index_;
    Hits hits_;
};

} // namespace runner::queue
