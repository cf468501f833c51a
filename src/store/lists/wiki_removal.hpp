// SPDX-License-Identifier: GPL-2.0-or-later
// Removes every row of a wiki: results, pairs, dependencies, jobs, events, classes, imports.
#pragma once

#include "base/error.hpp"
#include "store/common/session.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace runner::store {

/// Jobs of the wiki are being worked on; nothing was removed.
struct WikiBusy : base::Error {
    explicit WikiBusy(const std::string& what) : Error(base::ExitCode::temp_fail, what) {}
};

struct WikiRemoved {
    std::uint64_t results = 0;    ///< without tombstones
    std::uint64_t violations = 0; ///< pairs
    std::uint64_t rows = 0;       ///< of all tables together
};

/// In one transaction, all or nothing, from every table of the schema that has a column `wiki` (but
/// wiki_role, which says what a role may read). What is stored while it runs is either kept whole
/// or makes it start again. Throws WikiBusy, and else as Session says. Takes as long as it takes:
/// the session's statement_timeout does not apply.
[[nodiscard]] WikiRemoved remove_wiki(Session& session, std::string_view wiki);

} // namespace runner::store
