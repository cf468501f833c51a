// SPDX-License-Identifier: GPL-2.0-or-later
// Which categories an import takes, once redirects between them are followed. Pure: what the wiki
// says of a category is asked through a function.
#pragma once

#include "store/imports/import.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace runner::imports {

/// What the wiki says of a category. Names as in the database.
struct CategoryFacts {
    bool exists = false;                      ///< it has a page
    bool has_members = false;                 ///< anything is in it, whether it has a page or not
    std::optional<std::string> hard_redirect; ///< #REDIRECT to this category
    bool soft_redirect = false;               ///< its page says in its text that it moved …
    std::vector<std::string> links;           ///< … and links to these categories
};

struct CategoryRedirect {
    std::string from, to;
    bool hard = false;
};

struct Categories {
    std::vector<std::string> names;   ///< to take files from, each once, as asked and as found
    std::vector<std::string> missing; ///< asked for, but there is no such category
    std::vector<CategoryRedirect> followed;
    std::vector<store::ImportProblem> problems; ///< loops, too many hops, no clear target
};

/// Follows at most `hops` redirects from each name (0: none). Old and new category are both
/// taken: files wait in the old one until somebody moves them. `lists` are the categories of soft
/// redirects, which are no targets.
[[nodiscard]] Categories
follow_redirects(std::span<const std::string> names, std::uint32_t hops,
                 std::span<const std::string> lists,
                 const std::function<CategoryFacts(const std::string&)>& facts);

} // namespace runner::imports
