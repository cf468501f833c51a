// SPDX-License-Identifier: GPL-2.0-or-later
// The index of distinct values: which entities have a value, and whose results change when an
// entity gains or loses one.
#pragma once

#include "results/stored_result.hpp"
#include "store/common/session.hpp"
#include "store/results/followed.hpp"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace runner::store {

/// Works through one session, with its errors. Not thread-safe.
class ValueStore {
public:
    explicit ValueStore(Session& session) : session_(session) {}

    /// For each key at most `limit` entities of the wiki but `self` that have the value. Of more
    /// the first, in the order of the ids as texts.
    [[nodiscard]] std::vector<std::vector<entity::EntityId>>
    others(std::string_view wiki, const entity::EntityId& self,
           std::span<const results::ValueKey> keys, std::uint32_t limit);

    /// Looks at changes of values that stored results of `wikis` have left behind, and queues the
    /// entities whose results change with them, at `priority`; all in one transaction. Of a value
    /// that very many share a thousand entities are queued at a time.
    [[nodiscard]] Followed follow_changes(std::span<const FollowedWiki> wikis,
                                          std::int16_t priority);

private:
    Session& session_;
};

} // namespace runner::store
