// SPDX-License-Identifier: GPL-2.0-or-later
// Import of the kind "dump": every entity of a JSON dump is checked and stored.
#pragma once

#include "imports/importer.hpp"

namespace runner::imports {

void plan_dump(std::string_view fields, const config::Settings& settings,
               const config::WikiSettings& wiki, store::NewImport& into);
[[nodiscard]] std::unique_ptr<Importer> make_dump(const Context& context,
                                                  const store::ImportLease& lease);

inline constexpr ImportKind dump_kind{"dump", "All entities of a JSON dump: checked and stored.",
                                      "entities", &plan_dump, &make_dump};

} // namespace runner::imports
