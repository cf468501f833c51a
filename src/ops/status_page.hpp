// SPDX-License-Identifier: GPL-2.0-or-later
// The page at `/`: what this runner is and how it fares, in plain HTML without anything to load.
#pragma once

#include "store/jobs/job.hpp"
#include "store/jobs/pause_table.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace runner::ops {

/// For people: the message is a sentence.
struct FoundViolation {
    std::string wiki, entity, status, sentence;
    std::string found_at; ///< "2026-11-21T18:20:00Z"
};

struct StatusView {
    std::vector<std::string> problems;                   ///< empty: ready
    std::optional<std::vector<store::WikiCounts>> queue; ///< empty: the database did not tell
    std::vector<store::Pause> pauses;
    std::vector<FoundViolation> found; ///< last, newest first
    std::chrono::seconds uptime{};
    std::uint64_t entities_stored = 0;
    std::size_t in_hand = 0;
    std::size_t connections = 0;
    std::size_t resident_bytes = 0;
};

[[nodiscard]] std::string status_page(const StatusView& view);

} // namespace runner::ops
