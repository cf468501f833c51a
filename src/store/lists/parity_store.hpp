// SPDX-License-Identifier: GPL-2.0-or-later
// Stores differences between results of the native engine and WBQC.
#pragma once

#include "store/common/session.hpp"
#include "store/jobs/job.hpp"

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace runner::store {

/// The results of one constraint on one entity that differ.
struct ParityDifference {
    EntityKey key;
    std::uint64_t revision = 0;
    entity::PropertyId property;
    std::string constraint; ///< empty: WBQC's results for statements without any
    std::string type;
    std::string native;   ///< a JSON array of the results that only the native engine gave
    std::string php;      ///< likewise of WBQC
    std::string found_at; ///< "2026-11-21T18:20:00Z"; read only
};

/// Works through one session, with its errors. Not thread-safe.
class ParityStore {
public:
    explicit ParityStore(Session& session) : session_(session) {}

    /// Stores them, replacing earlier ones for the same constraint and entity.
    void keep(std::span<const ParityDifference> differences);
    /// Sorted by wiki, entity and constraint, from after the cursor; wiki empty: of all.
    [[nodiscard]] std::vector<ParityDifference> list(std::string_view wiki, std::uint32_t limit,
                                                     const EntityKey* after,
                                                     std::string_view after_constraint);
    /// Returns how many there were.
    std::uint64_t remove_older(std::string_view wiki, std::chrono::milliseconds age);

private:
    Session& session_;
};

} // namespace runner::store
