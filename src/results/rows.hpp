// SPDX-License-Identifier: GPL-2.0-or-later
// Violations and results as rows, for bulk reading: store/ reads them and publish/ writes them.
// The creator of a row owns its texts.
#pragma once

#include "results/status.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace runner::results {

/// A statement and a constraint that it breaks.
struct ViolationRow {
    std::string_view entity;
    std::string_view statement;  ///< GUID
    std::string_view constraint; ///< GUID of the P2302 statement
    std::uint32_t property = 0;
    std::string_view type; ///< item id of the constraint type
    Status status = Status::violation;
    std::string_view message_key;     ///< may be empty
    std::uint64_t revision = 0;       ///< that was checked; 0: unknown
    std::string_view checked_at = {}; ///< "2026-11-21T18:20:00Z"; may be empty
    std::string_view sentence = {};   ///< of the message; empty unless it was asked for
    bool own = false;                 ///< of the runner's own check: WBQC finds nothing here
    std::string_view fix = {};        ///< what to use instead, a JSON object; may be empty
    std::string_view own_status = {}; ///< what the runner's own check says instead; may be empty
};

/// The stored result of an entity.
struct ResultLine {
    std::string_view wiki;
    std::string_view entity;
    std::uint64_t revision = 0;
    std::string_view checked_at; ///< empty: left out
    std::string_view engine;
    std::array<std::uint32_t, status_count> counts{};
    std::span<const std::string> incomplete;
    std::string_view value;     ///< JSON
    std::string_view wbqc = {}; ///< the version of WBQC whose results these are; empty: left out
    std::string_view own = {};  ///< what the runner finds beyond it, JSON; empty: left out
};

} // namespace runner::results
