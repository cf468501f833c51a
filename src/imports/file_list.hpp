// SPDX-License-Identifier: GPL-2.0-or-later
// Import of the kind "files": the metadata of the files of a list, by name or number, with an
// answer to each of them.
#pragma once

#include "imports/importer.hpp"

#include <memory>
#include <string_view>

namespace runner::imports {

void plan_file_list(std::string_view fields, const config::Settings& settings,
                    const config::WikiSettings& wiki, store::NewImport& into);
[[nodiscard]] std::unique_ptr<Importer> make_file_list(const Context& context,
                                                       const store::ImportLease& lease);

inline constexpr ImportKind file_list_kind{
    "files",         "The metadata of the files of a list, by name or number.",
    "files",         &plan_file_list,
    &make_file_list, true};

} // namespace runner::imports
