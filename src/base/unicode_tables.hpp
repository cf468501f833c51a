// SPDX-License-Identifier: GPL-2.0-or-later
// What unicode.cpp looks up, sorted by the first columns; make_unicode_tables.py writes it.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace runner::base::unicode_tables {

using Row = std::array<std::uint32_t, 3>;

extern const std::span<const Row> decompositions; ///< a character and its one or two parts
extern const std::span<const Row> compositions;   ///< two characters and what they make
extern const std::span<const Row> classes;        ///< a mark and its combining class
extern const std::span<const Row> titles;         ///< a character and its title case
extern const std::span<const Row> widths;         ///< first, last, and their columns: 0 or 2

} // namespace runner::base::unicode_tables
