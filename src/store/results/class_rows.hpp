// SPDX-License-Identifier: GPL-2.0-or-later
// Rows of class_node inside a running transaction. Private to src/store.
#pragma once

#include "store/common/session_impl.hpp"
#include "store/results/class_store.hpp"
#include "store/results/result_upsert.hpp"

#include <map>
#include <span>
#include <vector>

namespace runner::store {

/// Upserts `rows`, in any order; of several of one class the newest counts.
void upsert_classes(Transaction& transaction, std::span<const ClassRow> rows);

/// Stores the class data of entities whose new result was just upserted (all `stored`). Notifies
/// the other runners of changes, and records them for the entities below.
void update_classes(Transaction& transaction, const std::vector<Candidate*>& entities);

/// The classes that checks passed and that differ in the database now: a class without a row has
/// been used by no stored result (facts::ClassKeeper::flush()).
class ClassDifferences {
public:
    /// One statement for all.
    ClassDifferences(Transaction& transaction, const std::vector<Candidate*>& entities);
    [[nodiscard]] std::vector<entity::EntityId> of(const Candidate& candidate) const;

private:
    std::map<const results::WalkedClasses*, std::vector<entity::EntityId>> differing_;
};

} // namespace runner::store
