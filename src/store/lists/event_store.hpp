// SPDX-License-Identifier: GPL-2.0-or-later
// The events in the order of the stream, how far it may be read, and how far back it goes.
#pragma once

#include "store/common/session.hpp"

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runner::store {

/// A place in the stream: that of an event, or one between two events.
struct EventPlace {
    std::uint64_t transaction = 0;
    std::uint64_t id = 0;

    /// "8231-5120", or "8231" (the position in a dump's manifest): before all events of that
    /// transaction. Empty when it is neither.
    [[nodiscard]] static std::optional<EventPlace> parse(std::string_view text) noexcept;
    [[nodiscard]] std::string to_string() const;

    friend constexpr auto operator<=>(const EventPlace&, const EventPlace&) = default;
    friend constexpr bool operator==(const EventPlace&, const EventPlace&) = default;
};

/// What an event tells of.
enum class EventKind : std::uint8_t { result, import };

struct Event {
    EventPlace place;
    std::uint64_t revision = 0;
    bool deleted = false;
    std::string wiki;
    std::string entity;
    std::string created_at; ///< "2026-11-21T18:20:00.123Z"
    std::string appeared;   ///< JSON, as all three
    std::string disappeared;
    std::string changed;
    std::string import; ///< JSON object, of an event of an import; such a one has no pairs

    [[nodiscard]] EventKind kind() const noexcept {
        return import.empty() ? EventKind::result : EventKind::import;
    }
};

struct EventsRead {
    std::vector<Event> events;
    bool all = false; ///< there are no more
};

struct EventState {
    EventPlace end;     ///< all events before it are there to be read, whatever is still running
    EventPlace horizon; ///< events up to this place were removed
    std::string horizon_at; ///< when the last of them was written, "2026-11-21T18:20:00Z"
    std::uint64_t next_transaction = 0; ///< places above it come from another database
    double held_back_seconds = 0; ///< age of the first event that waits for a running transaction
    double oldest_seconds = 0;    ///< age of the first event that is kept; 0: there is none
};

/// One batch of removing what is old.
struct EventsRemoved {
    std::uint64_t count = 0;
    bool more = false; ///< the next batch is not empty
};

/// A batch of the entities that were deleted long ago.
struct TombstonesRemoved {
    std::uint64_t count = 0;
    std::string wiki, entity; ///< where the next batch begins
    bool more = false;
};

/// Works through one session, with its errors. Not thread-safe.
class EventStore {
public:
    explicit EventStore(Session& session) : session_(session) {}

    [[nodiscard]] EventState state();

    /// At most `limit` events, and some megabytes, after `after` and before `end` (which must not
    /// be above EventState::end), in their order; `wiki` empty: of all; no `kind`: of both.
    [[nodiscard]] EventsRead read(EventPlace after, EventPlace end, std::string_view wiki,
                                  std::uint32_t limit, std::optional<EventKind> kind = {});

    /// Newest first: of the last `among` events those in which pairs appeared, at most `limit`.
    /// Without `disappeared` and `changed`.
    [[nodiscard]] std::vector<Event> latest_appeared(std::uint32_t among, std::uint32_t limit);

    /// Removes events that are older than `keep`, oldest first, and moves the horizon. Nothing
    /// when another runner is at it.
    [[nodiscard]] EventsRemoved remove_older(std::chrono::milliseconds keep, std::uint32_t limit);

    /// Removes events whose places this server has not reached: the database was copied from
    /// another server by a dump of it. No place that was handed out before holds any more.
    [[nodiscard]] EventsRemoved remove_foreign(std::uint32_t limit);

    /// Forgets entities that were deleted, or became redirects, longer ago than `keep` and have no
    /// job; from after the key given, a batch of `limit` looked at.
    [[nodiscard]] TombstonesRemoved forget_deleted(std::chrono::milliseconds keep,
                                                   const std::string& after_wiki,
                                                   const std::string& after_entity,
                                                   std::uint32_t limit);

private:
    Session& session_;
};

} // namespace runner::store
