// SPDX-License-Identifier: GPL-2.0-or-later
// The texts of our notifications. Two channels: `constraint_runner` for changed results, one JSON
// array of [wiki, entity, revision] triples, and `constraint_runner_jobs` for jobs that became
// ready, without a text. Private to src/store.
#pragma once

#include "store/listener.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace runner::store {

inline constexpr const char* result_channel = "constraint_runner";
inline constexpr const char* job_channel = "constraint_runner_jobs";

/// As few texts as hold all changes; PostgreSQL takes less than 8,000 bytes for one.
[[nodiscard]] std::vector<std::string> encode_changes(std::span<const Changed> changes,
                                                      std::size_t max_bytes = 7'900);

/// What is no such text gives no changes: anyone may notify.
[[nodiscard]] std::vector<Changed> decode_changes(std::string_view text);

} // namespace runner::store
