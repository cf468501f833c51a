// SPDX-License-Identifier: GPL-2.0-or-later
// The work list: violation pairs of a wiki in the order of their keys, page by page, narrowed to
// what is asked for. The extension's ClassPairs.php reads the same tables in the same way.
#pragma once

#include "entity/entity_id.hpp"
#include "results/status.hpp"
#include "store/common/session.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace runner::store {

/// Which pairs; what is empty filters nothing, but there must be a wiki.
struct ViolationFilter {
    std::string wiki;
    std::optional<entity::EntityId> entity;
    std::optional<entity::PropertyId> property; ///< of the constraint
    std::optional<entity::EntityId> type;       ///< the item of the constraint type
    std::optional<results::Status> status;      ///< one that is stored
    /// That the entity is an instance of, or of a class below it.
    std::optional<entity::EntityId> of_class;
    bool direct = false; ///< of no class below it
};

/// The place of a pair in the list.
struct ViolationKey {
    std::string entity, statement, constraint;
};

struct ListedViolation {
    ViolationKey key;
    entity::PropertyId property;
    std::string type;
    std::string status;
    std::string message_key;
    bool own = false;           ///< of the runner's own check
    std::string fix;            ///< a JSON object, or empty
    std::string own_status;     ///< what the runner's own check says instead, or empty
    std::uint64_t revision = 0; ///< that was checked; 0: it is gone by now
    std::string checked_at;     ///< "2026-11-21T18:20:00Z"; empty: it is gone by now
};

struct ViolationPage {
    std::vector<ListedViolation> rows;
    /// Where the next page continues; empty: there is none. With a class there may be one after
    /// fewer rows than were asked for, even after none: so far has been looked.
    std::optional<ViolationKey> next;
};

/// Works through one session, with its errors. Not thread-safe.
class ViolationList {
public:
    explicit ViolationList(Session& session) : session_(session) {}

    /// From after the cursor (null: from the beginning); `limit` is at least 1. The work is
    /// bounded, whatever the filter is.
    [[nodiscard]] ViolationPage page(const ViolationFilter& filter, const ViolationKey* after,
                                     std::uint32_t limit);

private:
    Session& session_;
};

} // namespace runner::store
