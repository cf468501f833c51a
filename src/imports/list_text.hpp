// SPDX-License-Identifier: GPL-2.0-or-later
// What a text with a list of files in it names, whoever gave it: one reader for what a request
// carries and for what an address answers.
#pragma once

#include "base/error.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace runner::imports {

inline constexpr std::size_t most_listed = 500'000; ///< files in a list
inline constexpr std::size_t longest_item = 2'000;  ///< bytes; an address with escapes

/// The text is no list of files; the sentence says why and names no field.
struct BadList : base::DataError {
    using DataError::DataError;
};

/// `by` is "name", "page_id" or "file_id": numbers come first where every row has one, since
/// renaming does not change them. Names and times of the latest versions beside them are what was
/// known of the files.
struct ListedFiles {
    std::string by;
    std::vector<std::string> items;
    std::vector<std::string> known_names{}, known_times{}; ///< as store::NewImport has them
    std::string form{}; ///< for people: "petscan", "sparql", "json", "csv", "lines"
};

/// Reads JSON (an array; PetScan's two forms; the results of a query service), CSV separated by
/// commas, tabs or semicolons, or else each line up to its first tab. `content_type` of an answer
/// over HTTP helps to tell them apart. Throws BadList, also for HTML.
[[nodiscard]] ListedFiles listed_files(std::string_view text, std::string_view content_type = {});

/// Throws BadRequest that names an item of `field`: one that is too long, no text, or no number
/// where numbers are.
void require_items(const ListedFiles& list, const std::string& field);

/// Whether all of it is a number from 1 to 2^62 - 1.
[[nodiscard]] bool is_number(std::string_view text) noexcept;

} // namespace runner::imports
