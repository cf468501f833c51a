// SPDX-License-Identifier: GPL-2.0-or-later
// Validators for the texts of settings. Each returns an empty string for a valid text, else the
// rest of an error message, to follow the key.
#pragma once

#include <string>
#include <string_view>

namespace runner::config {

[[nodiscard]] std::string listen_problem(const std::string& text);
[[nodiscard]] std::string origin_problem(const std::string& text);
[[nodiscard]] std::string log_level_problem(const std::string& text);
/// Of a part of a command.
[[nodiscard]] std::string word_problem(const std::string& text);
[[nodiscard]] std::string url_problem(const std::string& text);
[[nodiscard]] std::string slash_url_problem(const std::string& text);
/// A database and its table, "heartbeat_p.heartbeat".
[[nodiscard]] std::string table_problem(const std::string& text);
[[nodiscard]] std::string property_id_problem(const std::string& text);

/// An id like the one given as default: a property's for "P31", an item's for "Q5".
[[nodiscard]] std::string entity_id_problem(std::string_view text, char letter);
/// Of the ID in `[wiki.ID]`.
[[nodiscard]] std::string wiki_id_problem(std::string_view text);

} // namespace runner::config
