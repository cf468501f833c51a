// SPDX-License-Identifier: GPL-2.0-or-later
// What the files of src/store that write imports share: counts as the JSON that a row holds, and
// the items of a list. Private to src/store.
#pragma once

#include "store/imports/import.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace runner::store {

/// The names are those of the program: nothing in them needs escaping.
[[nodiscard]] std::string counts_text(const ImportCounts& counts);

/// The items of an import's list, numbered from 1; the other lists are as NewImport has them.
void add_items(Transaction& transaction, std::uint64_t import_id,
               const std::vector<std::string>& items, const std::vector<std::string>& known_names,
               const std::vector<std::string>& known_times);

} // namespace runner::store
