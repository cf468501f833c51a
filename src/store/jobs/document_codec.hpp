// SPDX-License-Identifier: GPL-2.0-or-later
// The encoding of jobs' documents in the database: zstd at its fastest level.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace runner::store {

[[nodiscard]] std::string compress_document(std::string_view json);

/// Throws base::DataError for anything but what compress_document() made, or when the text
/// would be longer than `max_bytes`.
[[nodiscard]] std::string decompress_document(std::string_view compressed,
                                              std::size_t max_bytes = std::size_t{256} << 20);

} // namespace runner::store
