// SPDX-License-Identifier: GPL-2.0-or-later
// The values that the queue's SQL takes and gives: jobs to accept, leases, ends of jobs, counts.
#pragma once

#include "entity/entity_id.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace runner::store {

/// The JSON of an entity, shared with the cache that keeps it until its job is done.
using DocumentPtr = std::shared_ptr<const std::string>;

struct EntityKey {
    std::string wiki;
    entity::EntityId entity;

    friend auto operator<=>(const EntityKey&, const EntityKey&) = default;
    friend bool operator==(const EntityKey&, const EntityKey&) = default;
};

/// "Check this entity at `revision` or later."
struct NewJob {
    EntityKey key;
    std::uint64_t revision = 0; ///< 0: whatever is current
    std::int16_t priority = 0;  ///< higher goes first
    DocumentPtr document;       ///< of `revision`; null: to be had from the wiki's source
    /// `document` as compress_document() makes it; filled by whoever has time to (not the thread
    /// that writes), else by JobTable::accept().
    std::string compressed;
};

struct Accepted {
    std::uint64_t accepted = 0;  ///< jobs that are new in the queue
    std::uint64_t coalesced = 0; ///< jobs that joined one that waited or was being worked on
};

/// One job, held for a while by one worker. While it is held a newer revision may be accepted:
/// `generation` is then another in the database, and ending the job makes it ready once more.
struct Lease {
    EntityKey key;
    std::uint64_t revision = 0;
    std::int16_t priority = 0;
    std::uint32_t attempts = 1;      ///< this one included
    std::uint64_t generation = 0;
    std::uint64_t token = 0;         ///< grows from lease to lease; 0: a check without a job
    std::chrono::microseconds age{}; ///< since it was accepted, when it was leased
    bool has_document = false;       ///< the database has one, of `document_revision`
    std::uint64_t document_revision = 0;
    DocumentPtr document; ///< null until loaded or taken from the cache
};

/// What becomes of a job that could not be completed.
struct Retry {
    std::chrono::milliseconds delay{30'000}; ///< from now on the database's clock
    bool dead = false; ///< no more attempts: to the dead list
};

/// Jobs in the database, counted when asked.
struct QueueCounts {
    std::uint64_t ready = 0;   ///< could be leased now (also those whose lease ran out)
    std::uint64_t delayed = 0; ///< wait for their next attempt
    std::uint64_t leased = 0;
    std::uint64_t dead = 0;
    double oldest_ready_seconds = 0; ///< age of the oldest ready job; 0 when there is none

    [[nodiscard]] std::uint64_t length() const noexcept { return ready + delayed + leased; }
};

struct WikiCounts {
    std::string wiki;
    QueueCounts counts;
};

struct DeadJob {
    EntityKey key;
    std::uint64_t revision = 0;
    std::int16_t priority = 0;
    std::uint32_t attempts = 0;
    std::string reason;
    std::string died_at; ///< "2026-11-21T18:20:00Z"
    bool has_document = false;
};

} // namespace runner::store
