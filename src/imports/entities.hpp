// SPDX-License-Identifier: GPL-2.0-or-later
// Import of the kind "entities": entities of a wiki become jobs of low priority, behind all edits.
#pragma once

#include "imports/importer.hpp"

namespace runner::imports {

void plan_entities(std::string_view fields, const config::Settings& settings,
                   const config::WikiSettings& wiki, store::NewImport& into);
[[nodiscard]] std::unique_ptr<Importer> make_entities(const Context& context,
                                                      const store::ImportLease& lease);

inline constexpr ImportKind entities_kind{
    "entities",
    "Entities of a wiki, checked behind all edits: a list, all pages, or what is stored.",
    "entities", &plan_entities, &make_entities};

} // namespace runner::imports
