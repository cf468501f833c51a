// SPDX-License-Identifier: GPL-2.0-or-later
// Reading all stored results of a wiki, or what has changed: several connections that see the same
// snapshot of the database, each over ranges of entities. Neither this nor the writers wait for
// each other.
#pragma once

#include "results/rows.hpp"
#include "store/common/session.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace runner::store {

/// The position of a snapshot among the events: it contains the effects of transactions below
/// `transaction`, so a consumer that reads all events from it on (they have that column) misses
/// none; some repeat.
struct EventPosition {
    std::uint64_t transaction = 0;
    std::uint64_t last_id = 0; ///< the highest event id below it; 0: none
};

/// Texts from `from` (inclusive) to `to` (exclusive); empty: without end.
struct EntityRange {
    std::string from;
    std::string to;
};

/// Events since then.
struct Since {
    std::optional<std::uint64_t> transaction; ///< EventPosition::transaction of an earlier dump
    std::string time;                         ///< else: "2026-11-21T18:20:00Z"
};

/// What to do to a list of violation pairs so that it is as the snapshot has it. A pair that got
/// another status is removed with the old one and added with the new one.
struct PairChange {
    results::ViolationRow row; ///< message key, revision, time and sentence only of what was added
    bool added = false;        ///< else removed; it need not have been in the list
    bool pair = true;          ///< not only its status or type: it comes, or goes, as a violation
    bool type = true;          ///< removed: no other pair has this constraint with this type
};

/// What is asked for of pairs beside themselves.
struct PairParts {
    bool checks = false;    ///< revision and time of the check; of changes the message key, too
    bool sentences = false; ///< with `checks`
    bool types = false;     ///< PairChange::type
};

/// A snapshot that others can use as long as this lives. Not thread-safe. Errors as Session's.
class DumpSnapshot {
public:
    explicit DumpSnapshot(const DatabaseOptions& options);
    ~DumpSnapshot();
    DumpSnapshot(const DumpSnapshot&) = delete;
    DumpSnapshot& operator=(const DumpSnapshot&) = delete;

    [[nodiscard]] const std::string& name() const noexcept;
    [[nodiscard]] const EventPosition& position() const noexcept;
    [[nodiscard]] const std::string& taken_at() const noexcept; ///< "2026-11-21T18:20:00.123Z"

    /// Cuts the entities of a wiki into about so many ranges of about the same size, by a sample.
    [[nodiscard]] std::vector<EntityRange> split(std::string_view wiki, std::size_t count);

    /// Throws base::DataError when events since then were removed because of their age, or when
    /// `since` was made by another database.
    void require_events(const Since& since);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// One connection that reads a snapshot. Not thread-safe. Errors as Session's.
class DumpScan {
public:
    DumpScan(const DatabaseOptions& options, const std::string& snapshot);
    ~DumpScan();
    DumpScan(const DumpScan&) = delete;
    DumpScan& operator=(const DumpScan&) = delete;

    /// Calls `page` with some rows at a time, sorted by entity, statement and constraint.
    void violations(std::string_view wiki, const EntityRange& range, PairParts parts,
                    const std::function<void(std::span<const results::ViolationRow>)>& page);
    /// All results, or those of entities with events since `since`.
    void results(std::string_view wiki, const EntityRange& range, const Since* since,
                 const std::function<void(std::span<const results::ResultLine>)>& page);
    /// Entities with events since then that have no result now.
    void gone(std::string_view wiki, const EntityRange& range, const Since& since,
              const std::function<void(std::string_view entity)>& each);
    /// Changes of pairs since then, sorted as violations().
    void changes(std::string_view wiki, const EntityRange& range, const Since& since,
                 PairParts parts, const std::function<void(std::span<const PairChange>)>& page);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace runner::store
