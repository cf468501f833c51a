// SPDX-License-Identifier: GPL-2.0-or-later
// Entities that others see differently since a result was stored, and the entities whose results
// rest on them.
#pragma once

#include "store/followed.hpp"
#include "store/session.hpp"

#include <chrono>
#include <cstdint>
#include <span>

namespace runner::store {

/// Works through one session, with its errors. Not thread-safe.
class ChangeStore {
public:
    explicit ChangeStore(Session& session) : session_(session) {}

    /// Queues entities whose results rest on one that changed, at `priority`, in one transaction;
    /// of each change some thousands at a time, in the order of their ids. Left out are those that
    /// have seen the new revision, and changes younger than `settle`: a check that began before
    /// one may not be stored yet.
    [[nodiscard]] Followed follow(std::span<const FollowedWiki> wikis, std::int16_t priority,
                                  std::chrono::milliseconds settle);

private:
    Session& session_;
};

} // namespace runner::store
