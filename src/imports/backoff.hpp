// SPDX-License-Identifier: GPL-2.0-or-later
// How long to wait after an attempt that failed.
#pragma once

#include "config/settings.hpp"

#include <chrono>
#include <cstdint>

namespace runner::imports {

/// After `attempts` (1, 2, …) in a row: from `backoff_base`, doubled with each, to `backoff_max`;
/// of that a random part between a half and the whole.
[[nodiscard]] std::chrono::milliseconds backoff(const config::ImportSettings& settings,
                                                std::uint32_t attempts);

} // namespace runner::imports
