// SPDX-License-Identifier: GPL-2.0-or-later
// Small files read whole: settings, passwords, tables.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace runner::base {

/// The bytes of a file. Throws NoInputError naming the file when it is missing, unreadable or a
/// directory, DataError when it is larger than `max_bytes`.
[[nodiscard]] std::string read_file(const std::filesystem::path& path,
                                    std::size_t max_bytes = std::size_t{64} << 20);

} // namespace runner::base
