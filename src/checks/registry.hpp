// SPDX-License-Identifier: GPL-2.0-or-later
// The one table of constraint types. The command line, the documentation, the labels of metrics
// and the tests derive from it.
#pragma once

#include "checks/check.hpp"

#include <cstddef>
#include <span>

namespace runner::checks {

/// All constraint types that are checked natively, sorted by name.
[[nodiscard]] std::span<const CheckRow* const> all_checks() noexcept;

/// The place of a row in all_checks().
[[nodiscard]] std::size_t number_of(const CheckRow& row) noexcept;

/// Null for a name that is not in the table.
[[nodiscard]] const CheckRow* find_check(std::string_view name) noexcept;

} // namespace runner::checks
