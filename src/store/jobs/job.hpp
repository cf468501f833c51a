// SPDX-License-Identifier: GPL-2.0-or-later
// The values that the queue's SQL uses: jobs to accept, leases, ends of jobs, counts.
#pragma once

#include "entity/entity_id.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
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

/// Why a job exists: the column job.reason. A job that is queued for several reasons keeps the
/// lowest.
enum class JobReason : std::uint8_t {
    edit,       ///< the wiki says that the page changed
    dependant,  ///< an entity that the result depends on changed
    superclass, ///< a class above one that the result depends on changed
    value,      ///< another entity gained or lost a value that must be distinct
    fill,       ///< first fills and imports
    retry,      ///< an attempt that must be repeated
    request,    ///< a client waits for the result
    time,       ///< a time has come that the result depends on
};
inline constexpr std::size_t job_reason_count = 8;
/// As the API writes them.
inline constexpr std::array<std::string_view, job_reason_count> job_reason_names{
    "edit", "dependant", "class", "value", "fill", "retry", "request", "time"};

/// "Check this page at `revision` or later."
struct NewJob {
    EntityKey key;              ///< a form or sense means its lexeme
    std::uint64_t revision = 0; ///< 0: whatever is current
    std::int16_t priority = 0;  ///< higher goes first
    JobReason reason = JobReason::edit;
    DocumentPtr document; ///< of `revision`; null: to be loaded from the wiki's source
    /// `document` as compress_document() makes it; filled by any thread with spare time (not the
    /// thread that writes), else by JobTable::accept().
    std::string compressed;

    /// The wiki's present revision is unknown (after a deletion, an undeletion, a purge): it must
    /// be asked, and no earlier document counts.
    [[nodiscard]] bool asks() const noexcept {
        return reason == JobReason::edit && revision == 0 && document == nullptr;
    }
};

struct Accepted {
    std::uint64_t accepted = 0;  ///< jobs that are new in the queue
    std::uint64_t coalesced = 0; ///< jobs merged into one that was waiting or in flight
};

/// One job, held for a while by one worker. While it is held a newer revision may be accepted:
/// `generation` is then another in the database, and ending the job makes it ready again.
struct Lease {
    EntityKey key;
    std::uint64_t revision = 0;
    std::int16_t priority = 0;
    std::uint32_t attempts = 1;  ///< this one included
    std::uint32_t deferrals = 0; ///< how often it was put off without a fault of its own
    std::uint32_t deaths = 0;    ///< how many of its leases ended with their process
    std::uint64_t generation = 0;
    std::uint64_t token = 0;         ///< of this job alone, grows from lease to lease; 0: no job
    std::chrono::microseconds age{}; ///< since it was accepted, when it was leased
    bool has_document = false;       ///< the database has one, of `document_revision`
    std::uint64_t document_revision = 0;
    DocumentPtr document;       ///< null until loaded or taken from the cache
    bool asks = false;          ///< see NewJob::asks()
    bool confirm = false;       ///< a lower revision than the stored one was answered before
    std::uint32_t rechecks = 0; ///< how often a dependency had changed at the end

    /// The stored state of the entity when the job was leased.
    struct Known {
        std::uint64_t revision = 0; ///< of the stored result; 0: none, or the entity is deleted
        std::uint64_t newest = 0;   ///< the highest ever stored
        bool ask_always = false;    ///< documents are not to be used
    };
    Known known;

    /// Whether the document can be the wiki's present state, according to the store.
    [[nodiscard]] bool document_is_current() const noexcept {
        return !asks && ((document_revision > known.newest && !known.ask_always) ||
                         (document_revision == known.revision && document_revision != 0));
    }
    static constexpr std::uint32_t suspect_deaths = 2;
    /// It may be what crashes the process. A runner holds several such jobs with suspect_deaths, or
    /// one with more.
    [[nodiscard]] bool suspect() const noexcept { return deaths >= suspect_deaths; }
};

/// The fate of a job that could not be completed.
struct Retry {
    std::chrono::milliseconds delay{30'000}; ///< from now on the database's clock
    bool dead = false;                       ///< no more attempts: to the dead list
    bool blameless = false; ///< the entity is not at fault: the attempt does not count
};

/// Why the jobs in the queue exist.
struct JobReasons {
    std::array<std::uint64_t, job_reason_count> jobs{}; ///< by JobReason
    std::uint64_t changes = 0; ///< noted changes whose dependents are not all queued yet
};

/// Jobs in the database, counted when asked.
struct QueueCounts {
    std::uint64_t ready = 0;   ///< could be leased now (also those whose lease ran out)
    std::uint64_t delayed = 0; ///< wait for their next attempt
    std::uint64_t leased = 0;
    std::uint64_t dead = 0;
    double oldest_ready_seconds = 0; ///< age of the oldest ready job; 0 when there is none
    JobReasons reasons;              ///< filled by JobTable::add_reasons()

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

/// What became of a job whose attempt ended.
enum class JobState : std::uint8_t {
    none,    ///< there was no job
    ended,   ///< the job is over
    again,   ///< accepted again meanwhile, or the wiki must be asked: ready again
    delayed, ///< incomplete, a dependency is known differently, or the settings of the wiki: waits
             ///< for its next attempt
    dead,    ///< incomplete after the last attempt, or rejected
    lost,    ///< another worker has the lease, or the job is over already
};

} // namespace runner::store
