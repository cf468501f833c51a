// SPDX-License-Identifier: GPL-2.0-or-later
// What stored results leave behind for others: which results a change concerns is looked for
// afterwards.
#pragma once

#include <cstdint>
#include <string>

namespace runner::store {

struct FollowedWiki {
    std::string id;
    bool has_source = true; ///< without one only entities whose documents are kept are checked again
    bool recheck_dependents = true;
};

/// What one look has done.
struct Followed {
    std::uint64_t changes = 0; ///< that were looked at; 0: none
    std::uint64_t jobs = 0;    ///< new in the queue
    std::uint64_t coalesced = 0;
    bool waiting = false; ///< there are changes, for which it is too early
};

} // namespace runner::store
