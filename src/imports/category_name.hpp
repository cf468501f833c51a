// SPDX-License-Identifier: GPL-2.0-or-later
// Names of categories and files as people write them, brought into the form of the database. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace runner::imports {

/// A title without its namespace, as the database has it.
struct PageName {
    std::string name;
    std::vector<std::string> others; ///< to ask for when there is no `name`: its first letter as
                                     ///< it was given, or as other wikis have it
};

/// As category_name(), with other spellings.
[[nodiscard]] PageName read_category_name(std::string_view text, const std::string& field);

/// The same of a file, with or without "File:" or "Image:".
[[nodiscard]] PageName read_file_name(std::string_view text, const std::string& field);

/// "Images_from_WLM" of " category:images from%20WLM ": the namespace goes, escapes of URLs and of
/// HTML are resolved, an address or the brackets of a link around it and a fragment taken away,
/// spaces become underscores, the first letter a capital, all in NFC. Throws BadRequest that names
/// `field` for what can't be the name of a category.
[[nodiscard]] std::string category_name(std::string_view text, const std::string& field);

/// Underscores as spaces again.
[[nodiscard]] std::string shown_name(std::string_view name);

/// Whether the bytes are UTF-8 without NUL: what PostgreSQL can keep as text.
[[nodiscard]] bool is_text(std::string_view bytes) noexcept;

} // namespace runner::imports
