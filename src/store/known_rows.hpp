// SPDX-License-Identifier: GPL-2.0-or-later
// What the store has of entities when results are stored: to order checks, and to compare what they
// saw of other entities. Private to src/store.
#pragma once

#include "store/result_order.hpp"
#include "store/session_impl.hpp"

#include <map>
#include <set>

namespace runner::store {

using KnownRows = std::map<EntityKey, Known>; ///< those that have a row

/// One statement for all.
[[nodiscard]] KnownRows read_known(Transaction& transaction, const std::set<EntityKey>& keys);

/// The transactions of runners that are running now, and whether one of them still is. A transaction
/// that is not among them sees in its read_known() whatever was committed before this call.
class StoringNow {
public:
    /// Reads them. Needs PostgreSQL's track_activities, which is on unless a superuser turned it off.
    explicit StoringNow(Transaction& transaction);
    [[nodiscard]] bool over(Transaction& transaction) const;

private:
    std::set<std::string> transactions_; ///< process and begin
};

} // namespace runner::store
