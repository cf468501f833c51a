// SPDX-License-Identifier: GPL-2.0-or-later
// Import of the kind "category": the metadata of all files of Commons categories.
#pragma once

#include "imports/importer.hpp"

namespace runner::imports {

void plan_category(std::string_view fields, const config::Settings& settings,
                   const config::WikiSettings& wiki, store::NewImport& into);
[[nodiscard]] std::unique_ptr<Importer> make_category(const Context& context,
                                                      const store::ImportLease& lease);

inline constexpr ImportKind category_kind{
    "category",     "The metadata of all files of Wikimedia Commons categories.",
    "files",        &plan_category,
    &make_category, true};

} // namespace runner::imports
