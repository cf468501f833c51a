// SPDX-License-Identifier: GPL-2.0-or-later
// What imports of entities write in the transaction that saves their cursor: results of checks, or
// jobs for the queue; and what they ask of the database to know what is to be done.
#pragma once

#include "store/common/session.hpp"
#include "store/imports/import.hpp"
#include "store/jobs/job.hpp"
#include "store/results/result_store.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace runner::store {

/// Checked entities, stored as those of jobs without a lease are.
class ResultRows final : public ImportRows {
public:
    std::vector<Completed> results;

    /// Adds to results_stored, results_outdated (the database has something newer) and
    /// violations_appeared, violations_disappeared.
    void write(Transaction& transaction, const ImportKey& import,
               ImportCounts& counts) const override;
};

/// Jobs for the queue, remembered as those of the import until EndedJobRows removes them.
class JobRows final : public ImportRows {
public:
    std::vector<NewJob> jobs; ///< of the import's wiki

    /// Adds to jobs_queued and jobs_coalesced.
    void write(Transaction& transaction, const ImportKey& import,
               ImportCounts& counts) const override;
};

/// Jobs of the import that are over.
class EndedJobRows final : public ImportRows {
public:
    std::vector<std::string> entities; ///< pages, as ImportJobs::ended() names them

    void write(Transaction& transaction, const ImportKey& import,
               ImportCounts& counts) const override;
};

/// The jobs that an import has queued. Works through one session, with its errors. Not
/// thread-safe.
class ImportJobs {
public:
    explicit ImportJobs(Session& session) : session_(session) {}

    struct Ended {
        std::string entity;
        std::optional<std::string> died; ///< the reason in the list of the dead
    };
    struct Answer {
        std::uint64_t waiting = 0; ///< jobs that are not over
        std::vector<Ended> ended;
    };
    /// A job is over when a check that began after the import asked for it was stored, or when the
    /// queue has no job of the entity any more, whoever asked for it.
    [[nodiscard]] Answer look(const ImportKey& import);

private:
    Session& session_;
};

/// Which stored entities to look at; an empty filter takes all.
struct StoredFilter {
    std::string letter;                 ///< "Q", "P", "L", "M": what the ids begin with
    std::string depends_on;             ///< "P31": results that rest on this entity
    std::chrono::seconds older_than{0}; ///< checked longer ago than that
};

/// Works through one session, with its errors. Not thread-safe.
class StoredEntities {
public:
    explicit StoredEntities(Session& session) : session_(session) {}

    struct Stored {
        std::uint64_t revision = 0;
        std::chrono::seconds age{0}; ///< since it was checked
        bool incomplete = false;
    };
    /// What is stored of each; empty: nothing, or it is deleted.
    [[nodiscard]] std::vector<std::optional<Stored>> find(std::string_view wiki,
                                                          std::span<const entity::EntityId> ids);

    /// A page of the stored entities, in the order of their ids as texts.
    [[nodiscard]] std::vector<std::string> page(std::string_view wiki, const StoredFilter& filter,
                                                const std::string& after, std::uint32_t limit);
    /// How many there are. Where that is many: of all the planner's estimate, of some how many
    /// there are at least.
    [[nodiscard]] ImportTotal count(std::string_view wiki, const StoredFilter& filter);

private:
    Session& session_;
};

} // namespace runner::store
