// SPDX-License-Identifier: GPL-2.0-or-later
// Import of the kind "files": the metadata of the files of a list, by name or number, with an
// answer to each of them.
#pragma once

#include "imports/importer.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace runner::imports {

void plan_file_list(std::string_view fields, const config::WikiSettings& wiki,
                    store::NewImport& into);
[[nodiscard]] std::unique_ptr<Importer> make_file_list(const Context& context,
                                                       const store::ImportLease& lease);

/// What a text with a list in it names: the column that its header says (CSV, separated by commas,
/// semicolons or tabs), or else each line, up to its first tab. `by` is then "name", "page_id" or
/// "file_id": numbers come first where every row has one, since renaming does not change them. Names
/// and times of the latest versions beside them are what was known of the files.
struct ListedFiles {
    std::string by;
    std::vector<std::string> items;
    std::vector<std::string> known_names{}, known_times{}; ///< as store::NewImport has them
};
[[nodiscard]] ListedFiles listed_files(std::string_view text);

inline constexpr ImportKind file_list_kind{
    "files",         "The metadata of the files of a list, by name or number.",
    "files",         &plan_file_list,
    &make_file_list, true};

} // namespace runner::imports
