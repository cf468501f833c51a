// SPDX-License-Identifier: GPL-2.0-or-later
// Sizes and durations as people write them in settings: "10MB", "64KiB", "30s", "500ms".
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace runner::base {

/// Bytes. Units: B, kB, MB, GB, TB (powers of 1000) and KiB, MiB, GiB, TiB (powers of 1024), in
/// any case; none means bytes. Whole numbers only; empty when malformed or beyond 2^63.
[[nodiscard]] std::optional<std::int64_t> parse_size(std::string_view text) noexcept;

/// Units: ms, s, min, h, d; none means seconds. Whole numbers only; empty when malformed or
/// longer than a hundred years.
[[nodiscard]] std::optional<std::chrono::milliseconds>
parse_duration(std::string_view text) noexcept;

/// With the largest unit that needs no fraction; parse_size() reads it back.
[[nodiscard]] std::string format_size(std::int64_t bytes);
[[nodiscard]] std::string format_duration(std::chrono::milliseconds duration);

} // namespace runner::base
