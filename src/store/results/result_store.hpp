// SPDX-License-Identifier: GPL-2.0-or-later
// Stored results: read one, and write a batch of completed checks in one transaction, with the
// violation pairs and dependencies by difference, the event, and the end of the job.
#pragma once

#include "results/stored_result.hpp"
#include "store/common/session.hpp"
#include "store/jobs/job.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace runner::store {

/// How a check came to the revision that it checked.
enum class Basis : std::uint8_t {
    files,    ///< from files, or from documents where there is no source: no present state
    document, ///< from the document of a job or a dump, of a wiki that can be asked
    answer,   ///< the wiki was asked after the check began
};

/// A check that ended with a result.
struct Completed {
    Lease lease; ///< token 0 for a check without a job: only the result is stored then
    results::StoredResult result; ///< of the page's own entity
    /// Of the forms and senses that the page has. Those that are stored and not here are removed.
    std::vector<results::StoredResult> parts;
    Basis basis = Basis::files;
    /// With Basis::files: what the check saw of properties is compared with the store all the same.
    bool compares_properties = false;
    /// Numbers checks in the order in which they began; 0: the lease's token. For checks without a
    /// job it comes from ResultStore::next_check() before anything is read.
    std::uint64_t check = 0;
    /// config::fingerprint() of the settings that it was checked with; empty: they are not
    /// compared.
    std::string settings;
    /// Used when the result is incomplete, or older than the job asks for: then the job is not
    /// over.
    Retry retry;

    /// Whether what the check saw of another entity is compared with what the store knows.
    [[nodiscard]] bool compares(const entity::EntityId& other) const noexcept {
        return basis != Basis::files ||
               (compares_properties && other.type == entity::EntityType::property);
    }
};

enum class StoreState : std::uint8_t {
    stored,         ///< the database has this result now
    outdated,       ///< what is there is at least as new; nothing was changed
    unsure,         ///< the wiki must be asked (again) which revision it has; nothing was changed
    other_settings, ///< the store has other settings of the wiki; nothing was changed
    rejected, ///< the database can't take this result (see reason); its job is on the dead list
};

struct Outcome {
    StoreState result = StoreState::stored;
    JobState job = JobState::none;
    std::uint32_t appeared = 0; ///< violation pairs
    std::uint32_t disappeared = 0;
    std::string reason;       ///< of StoreState::rejected
    bool unexplained = false; ///< rejected for an error that may be the database's or the row's
    /// Dependencies of which the store knows another state than the check saw: caches have an old
    /// one, or the store will have a newer one soon. The entity is checked again.
    std::vector<entity::EntityId> differing;
    std::vector<entity::EntityId> differing_classes; ///< the same of classes that it passed

    [[nodiscard]] bool differs() const noexcept {
        return !differing.empty() || !differing_classes.empty();
    }
};

/// A row of entity_result.
struct ResultRow {
    std::uint64_t revision = 0;
    std::string checked_at; ///< "2026-11-21T18:20:00.123Z"
    std::string value;      ///< JSON, byte for byte as it was stored
    std::string own;        ///< what the runner finds beyond it, a JSON list; empty: nothing
    std::array<std::uint32_t, results::status_count> counts{};
    std::vector<std::string> incomplete;
    std::uint64_t duration_us = 0;
    std::string engine;
    std::string wbqc; ///< the version of WBQC whose results these are; empty: of an older runner
    /// A check is pending: of the entity, or because of a change of something that it depends on.
    bool stale = false;
};

/// A result some of whose checks could not be completed.
struct IncompleteRow {
    EntityKey key;
    std::uint64_t revision = 0;
    std::string checked_at;   ///< "2026-11-21T18:20:00Z"
    std::string next_attempt; ///< as checked_at, in the past when it is due; empty: the job is dead
    std::vector<std::string> reasons;
};

/// Works through one session, with its errors. Not thread-safe.
class ResultStore {
public:
    explicit ResultStore(Session& session) : session_(session) {}

    /// Empty for an entity that was not checked yet, is deleted or is a redirect.
    [[nodiscard]] std::optional<ResultRow> get(std::string_view wiki,
                                               const entity::EntityId& entity);

    /// A page of the results that are incomplete, sorted by wiki and entity text, after `after`
    /// (null: from the start). `wiki` empty: all.
    [[nodiscard]] std::vector<IncompleteRow> incomplete(std::string_view wiki, std::uint32_t limit,
                                                        const EntityKey* after = nullptr);

    /// One transaction for the whole batch; one outcome for each, in the order given. Of two checks
    /// of an entity the one that knows the wiki's present state stays, in whatever order they come
    /// (result_order.hpp). A result that the database rejects does not keep the others from being
    /// stored. Repeating a call whose end is unknown is harmless.
    [[nodiscard]] std::vector<Outcome> store(std::span<const Completed> batch);

    /// Forgets which revisions of a page (and of its forms and senses) are known, and what is on
    /// the dead list, and queues a job that asks the wiki: whatever it answers is stored. False
    /// when there is nothing stored of it; the job is queued all the same.
    bool reset(const EntityKey& key, std::int16_t priority);

    /// Makes the next check of these pages compare all rows of theirs, also where it finds what the
    /// check before found: they may have been changed by hand, or by a damaged disk.
    void distrust_rows(std::span<const EntityKey> keys);

    /// A number for Completed::check.
    [[nodiscard]] std::uint64_t next_check();

private:
    Session& session_;
};

} // namespace runner::store
