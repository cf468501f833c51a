// SPDX-License-Identifier: GPL-2.0-or-later
// Recently changed classes, for the in-memory graphs of other runners. Rows are kept for
// minutes: a runner that was cut off for longer loads all classes again.
#pragma once

#include "entity/entity_id.hpp"
#include "store/common/session.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace runner::store {

class Transaction;

struct ClassChange {
    std::string wiki;
    entity::EntityId entity;
    std::uint64_t revision = 0; ///< 0: all cached data of it is stale
    std::uint64_t id = 0;       ///< given by the database; not in the order of commits
};

/// Writes them, and removes old ones.
void note_class_changes(Transaction& transaction, std::span<const ClassChange> changes);

/// All of the last minute, by id. Errors as Session.
[[nodiscard]] std::vector<ClassChange> recent_class_changes(Session& session);

} // namespace runner::store
