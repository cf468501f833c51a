// SPDX-License-Identifier: GPL-2.0-or-later
// The outcome of following changes that stored results recorded: affected results are looked
// up afterwards.
#pragma once

#include <cstdint>
#include <string>

namespace runner::store {

struct FollowedWiki {
    std::string id;
    bool has_source =
        true; ///< without one only entities whose documents are kept are checked again
    bool recheck_dependents = true;
};

/// The outcome of one call.
struct Followed {
    std::uint64_t changes = 0; ///< that were processed; 0: none
    std::uint64_t jobs = 0;    ///< new in the queue
    std::uint64_t coalesced = 0;
    bool waiting = false; ///< there are changes that must wait
};

} // namespace runner::store
