// SPDX-License-Identifier: GPL-2.0-or-later
// The counts of an import as the JSON that its row holds. Private to src/store.
#pragma once

#include "store/import.hpp"

#include <string>

namespace runner::store {

/// The names are those of the program: nothing in them needs escaping.
[[nodiscard]] std::string counts_text(const ImportCounts& counts);

} // namespace runner::store
