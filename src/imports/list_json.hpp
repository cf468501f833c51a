// SPDX-License-Identifier: GPL-2.0-or-later
// Lists of files in JSON.
#pragma once

#include "imports/list_text.hpp"

#include <string_view>

namespace runner::imports {

/// Of an array (of names, of numbers of pages, or of objects, whose members are columns), of
/// PetScan
/// ("*" or "pages") or of a query service ("results", "bindings"). The text is read once, and
/// nothing but what names files is kept. Throws BadList.
[[nodiscard]] ListedFiles json_list(std::string_view text);

/// Of lines of JSON (NDJSON), each what an element of an array may be. json_list() takes them too,
/// where they are objects. A last line that says `"complete": false`, as the API's, is an error.
[[nodiscard]] ListedFiles json_lines(std::string_view text);

} // namespace runner::imports
