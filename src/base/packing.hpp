// SPDX-License-Identifier: GPL-2.0-or-later
// Compresses output in independent pieces: the members of a gzip file and the frames
// of a Zstandard file may follow one another, so threads can pack pieces of one file in parallel.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace runner::base {

enum class Packing : std::uint8_t { none, gzip, zstd };

/// "", ".gz", ".zst".
[[nodiscard]] std::string_view extension_of(Packing packing) noexcept;
/// Of "none", "gz" or "zst"; empty for any other name.
[[nodiscard]] std::optional<Packing> packing_from(std::string_view name) noexcept;

/// Appends `text` to `out`, as a whole member or frame; nothing for an empty text. Throws
/// base::OsError when there is no memory for it.
void pack(Packing packing, std::string_view text, std::string& out);

} // namespace runner::base
