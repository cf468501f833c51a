// SPDX-License-Identifier: GPL-2.0-or-later
// The runners of a database: a row for each, and an advisory lock that its session holds as long as
// its process lives. What a process held when it died continues in another.
#pragma once

#include "store/common/session.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace runner::store {

/// Works through one session, which must stay connected to one server process: the lock belongs to
/// it (a pooler in transaction mode gives it away). Errors as Session. Not thread-safe.
class RunnerTable {
public:
    explicit RunnerTable(Session& session) : session_(session) {}

    /// Makes the row of `name` and takes its lock, unless both are there. False while another
    /// session has the lock: an earlier one of this process that the server has not ended yet.
    /// Throws UnfitError when the lock does not stay with the session.
    bool announce(const std::string& name);

    /// The runners but `name` whose locks are free.
    [[nodiscard]] std::vector<std::string> unlocked(const std::string& name);

    struct Ended {
        std::uint64_t jobs = 0;    ///< given back
        std::uint64_t imports = 0; ///< given back
        bool all = false;          ///< nothing is left, and the row is gone
    };
    /// Gives back what the dead runner `name` held, but rows that are locked now. Does nothing when
    /// the runner has its lock after all.
    Ended end(const std::string& name);

    /// Removes the row of a runner that ends in order. Kept when it still holds jobs.
    void leave(const std::string& name);

private:
    Session& session_;
};

} // namespace runner::store
