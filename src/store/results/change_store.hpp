// SPDX-License-Identifier: GPL-2.0-or-later
// Entities that others see differently since a result was stored, and the entities whose results
// depend on them.
#pragma once

#include "store/common/session.hpp"
#include "store/results/followed.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace runner::store {

/// Works through one session, with its errors. Not thread-safe.
class ChangeStore {
public:
    explicit ChangeStore(Session& session);
    ~ChangeStore();
    ChangeStore(const ChangeStore&) = delete;
    ChangeStore& operator=(const ChangeStore&) = delete;

    /// Queues entities whose results depend on one that changed and saw another state of it than
    /// the store has now, at `priority`; some thousands per change at a time, in the order of their
    /// ids. A change is processed once all transactions that were storing results when it was first
    /// seen have ended (known_rows.cpp says why): until then `waiting` is set, and the call should
    /// be repeated soon.
    [[nodiscard]] Followed follow(std::span<const FollowedWiki> wikis, std::int16_t priority);

    /// Stores a hash of the settings that determine results; when it has changed, or
    /// `anew`, all entities of the wiki are followed as if each had changed. Classes that were read
    /// within `class_age` are read again before they are used: they may have been read by another
    /// property than "subclass of" is now.
    void check_settings(const std::string& wiki, const std::string& fingerprint,
                        std::chrono::milliseconds class_age = std::chrono::milliseconds(0),
                        bool anew = false);

private:
    struct Pending;

    Session& session_;
    std::unique_ptr<Pending> pending_; ///< changes that wait for transactions to end
};

} // namespace runner::store
