// SPDX-License-Identifier: GPL-2.0-or-later
// The SQL of imports: asked for, leased, carried on chunk by chunk, paused, ended, forgotten. All
// times are the database's.
#pragma once

#include "store/common/session.hpp"
#include "store/imports/import.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace runner::store {

/// Works through one session, with its errors. Every call is one transaction. Not thread-safe.
class ImportStore {
public:
    explicit ImportStore(Session& session) : session_(session) {}

    /// Durable when it returns. Of one subject of a wiki there is one import at a time: asking for
    /// it again adds the address that is to be notified, and is no matter of the limits.
    [[nodiscard]] ImportAccepted create(const NewImport& import, const ImportLimits& limits = {});

    /// Files that the imports of a client have.
    [[nodiscard]] std::uint64_t files_of(const std::string& owner);

    /// The import that has waited longest for its turn, of the wiki that has; of these wikis and
    /// kinds alone. Empty when none is due.
    [[nodiscard]] std::optional<ImportLease> lease(std::string_view worker,
                                                   std::span<const std::string> wikis,
                                                   std::span<const std::string> kinds,
                                                   std::chrono::milliseconds duration);
    /// Prolongs leases; those that are lost are left alone.
    void heartbeat(std::span<const std::uint64_t> tokens, std::chrono::milliseconds duration);

    /// Saves a chunk: its rows, its problems, the cursor and the counts, all or nothing. False
    /// when the lease is lost or the import was paused or cancelled: nothing was saved then.
    /// `lease` has the new counts afterwards.
    [[nodiscard]] bool save(ImportLease& lease, const ImportStep& step);

    /// Gives an import back for the next turn, at the earliest after `pause`.
    void release(const ImportLease& lease, std::chrono::milliseconds pause,
                 std::string_view current);
    /// The attempt came to nothing: again after `pause`, or the end when that is empty. `counts`:
    /// as one of the attempts after which an import is given up.
    void fail(const ImportLease& lease, std::string_view code, std::string_view reason,
              std::optional<std::chrono::milliseconds> pause, bool counts = true);

    /// Problems that are to be tried again, in order.
    [[nodiscard]] std::vector<ImportProblem> to_retry(const ImportLease& lease,
                                                      std::uint32_t limit);

    [[nodiscard]] std::optional<ImportRow> get(std::uint64_t id);
    /// Newest first, before `before` (0: from the newest). `wiki`, `status`, `label` or `owner`
    /// empty: all.
    [[nodiscard]] std::vector<ImportRow> list(std::string_view wiki, std::string_view status,
                                              std::uint32_t limit, std::uint64_t before = 0,
                                              std::string_view label = {},
                                              std::string_view owner = {});
    /// After the number `after`; empty when there is no such import.
    [[nodiscard]] std::optional<std::vector<ImportProblem>>
    problems(std::uint64_t id, std::uint32_t limit, std::uint64_t after = 0);
    /// `limits`: of its owner, for a retry.
    [[nodiscard]] ImportChange change(std::uint64_t id, ImportAction action,
                                      const ImportLimits& limits = {});

    /// Deletes the files, items and problems of an import that is over; its row stays. The files
    /// are not to be had from now on, and go piece by piece with forget().
    [[nodiscard]] ImportChange delete_data(std::uint64_t id);

    /// Forgets imports that ended more than `keep` ago, with their files, and what delete_data()
    /// has left; a piece of the work in each call. True when there is more to do.
    bool forget(std::chrono::milliseconds keep);

    /// Jobs of edits that are ready in these wikis, counted no further than `limit`.
    [[nodiscard]] std::uint64_t fresh_edits(std::span<const std::string> wikis,
                                            std::uint32_t limit);

    struct StateCount {
        std::string kind, status;
        std::uint64_t count = 0;
    };
    /// For the metrics.
    [[nodiscard]] std::vector<StateCount> count_by_status();

private:
    Session& session_;
};

} // namespace runner::store
