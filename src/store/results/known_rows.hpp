// SPDX-License-Identifier: GPL-2.0-or-later
// The stored state of entities when results are stored: to order checks, and to compare what they
// saw of other entities. Private to src/store.
#pragma once

#include "store/common/session_impl.hpp"
#include "store/results/result_order.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>

namespace runner::store {

/// SQL: the stored state, as seen_as() returns it, of what a row `d` of dependency saw; `r` is the
/// row of entity_result of the dependency.
// clang-format off
#define RUNNER_SEEN_AS(d, r)                                                                       \
    "CASE WHEN " d ".seen & 1 = 1 THEN coalesce(" r ".seen_linked, " r ".seen) "                   \
    "ELSE " r ".seen END"
// clang-format on

/// The same for a dependency of a new check.
[[nodiscard]] inline std::optional<std::uint64_t> seen_as(std::uint64_t seen,
                                                          const Known& known) noexcept {
    return (seen & 1U) != 0 && known.seen_linked ? known.seen_linked : known.seen;
}

using KnownRows = std::map<EntityKey, Known>; ///< those that have a row

/// One statement for all.
[[nodiscard]] KnownRows read_known(Transaction& transaction, const std::set<EntityKey>& keys);

/// The transactions of runners that are running now, and whether one of them still is. A
/// transaction that is not among them sees in its read_known() whatever was committed before this
/// call.
class StoringNow {
public:
    /// Reads them. Needs PostgreSQL's track_activities, which is on unless a superuser turned it
    /// off.
    explicit StoringNow(Transaction& transaction);
    [[nodiscard]] bool over(Transaction& transaction) const;

private:
    std::set<std::string> transactions_; ///< process and begin
};

} // namespace runner::store
