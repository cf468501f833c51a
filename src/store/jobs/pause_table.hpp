// SPDX-License-Identifier: GPL-2.0-or-later
// Pauses of wikis: their jobs and imports are accepted, but none is begun. They are rows, so they
// hold for all runners on the database and outlive restarts.
#pragma once

#include "store/common/session.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace runner::store {

struct Pause {
    std::string wiki;   ///< empty: all wikis
    std::string since;  ///< "2026-11-21T18:20:00Z"
    std::string reason; ///< may be empty
};

/// Whether one of the pauses holds for the wiki.
[[nodiscard]] bool is_paused(const std::vector<Pause>& pauses, std::string_view wiki) noexcept;

/// Works through one session, with its errors.
class PauseTable {
public:
    explicit PauseTable(Session& session) : session_(session) {}

    /// Sorted by wiki: that of all comes first.
    [[nodiscard]] std::vector<Pause> list();
    /// Jobs in flight go on. An earlier pause of the same wiki keeps its time and gets this reason.
    void pause(std::string_view wiki, std::string_view reason);
    /// Wakes the runners. False when there was no such pause: one of all and one of a wiki are two.
    bool resume(std::string_view wiki);

private:
    Session& session_;
};

} // namespace runner::store
