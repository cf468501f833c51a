// SPDX-License-Identifier: GPL-2.0-or-later
// The graph of classes of each wiki in the database. What a check says of a class is stored with
// its result (see result_store.hpp); here is what is read from a wiki by the way.
#pragma once

#include "results/class_node.hpp"
#include "store/session.hpp"

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

    /// Hands all classes of a wiki to `take`, in pieces of at most `piece`; returns how many there
    /// were.
    std::size_t load(std::string_view wiki,
                     const std::function<void(std::span<const results::KeptClass>)>& take,
                     std::size_t piece = 20'000);

    /// Those of `classes` that are kept.
    [[nodiscard]] std::vector<results::KeptClass> find(std::string_view wiki,
                                                       std::span<const entity::EntityId> classes);

    /// One transaction for all. An older revision never overwrites a newer one; of equal ones, or
    /// where there is none (unknown, or the class is gone), the one that was read later stays.
    void keep(std::span<const ClassRow> rows);

private:
    Session& session_;
};

} // namespace runner::store
