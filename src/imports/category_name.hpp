// SPDX-License-Identifier: GPL-2.0-or-later
// Names of categories as people write them, brought into the form of the database. Pure.
#pragma once

#include <string>
#include <string_view>

namespace runner::imports {

/// "Images_from_WLM" of " category:images from%20WLM ": the namespace goes, escapes of URLs are
/// resolved, spaces become underscores, the first letter a capital. Throws BadRequest that names
/// `field` for what can't be the name of a category.
[[nodiscard]] std::string category_name(std::string_view text, const std::string& field);

/// Underscores as spaces again.
[[nodiscard]] std::string shown_name(std::string_view name);

/// Whether the bytes are UTF-8 without NUL: what PostgreSQL can keep as text.
[[nodiscard]] bool is_text(std::string_view bytes) noexcept;

} // namespace runner::imports
