// SPDX-License-Identifier: GPL-2.0-or-later
// The graph of classes of each wiki in the database. Class data from a check is stored with its
// result (see result_store.hpp); classes read from a wiki on the way are stored here.
#pragma once

#include "results/class_node.hpp"
#include "store/common/session.hpp"

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace runner::store {

struct ClassRow {
    std::string wiki;
    results::KeptClass kept;
};

/// Works through one session, with its errors. Not thread-safe.
class ClassStore {
public:
    explicit ClassStore(Session& session) : session_(session) {}

    /// Passes all classes of a wiki to `take`, in pieces of at most `piece`; returns their
    /// number.
    std::size_t load(std::string_view wiki,
                     const std::function<void(std::span<const results::KeptClass>)>& take,
                     std::size_t piece = 20'000);

    /// Those of `classes` that are stored.
    [[nodiscard]] std::vector<results::KeptClass> find(std::string_view wiki,
                                                       std::span<const entity::EntityId> classes);

    /// One transaction for all. An older revision never overwrites a newer one; of equal ones, or
    /// without a revision (unknown, or a missing class), the one read later wins.
    void keep(std::span<const ClassRow> rows);

private:
    Session& session_;
};

} // namespace runner::store
