// SPDX-License-Identifier: GPL-2.0-or-later
// Categories and files as MediaWiki's tables have them, in both generations of the schema: files
// in image and oldimage, or in file, filerevision and filetypes; links by title, or by linktarget.
#pragma once

#include "imports/category_redirects.hpp"
#include "source/replica.hpp"
#include "store/commons_files.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace runner::imports {

/// A place in the order in which a category lists its files, between two of them.
struct CategoryPosition {
    std::string sort_key;
    std::uint64_t page_id = 0;
};

/// Not thread-safe but for interrupt(). Throws what source::Replica throws, and
/// source::ReplicaRefused "unknown_schema" for a database that is no wiki's.
class CommonsReplica {
public:
    /// `wiki` outlives it.
    explicit CommonsReplica(const config::WikiSettings& wiki);

    /// "image, categorylinks by title": which generation the tables are of.
    [[nodiscard]] std::string schema();

    [[nodiscard]] CategoryFacts category(const std::string& name);
    /// How many files are in the category: counted, or as the wiki's own statistics have it when
    /// counting takes too long.
    [[nodiscard]] store::ImportTotal count_files(const std::string& name);

    /// The next pages of the category's files after `position`.
    [[nodiscard]] std::vector<CategoryPosition> files_after(const std::string& name,
                                                            const CategoryPosition& position,
                                                            std::uint32_t limit);
    /// Those of the pages that are in any of the categories.
    [[nodiscard]] std::set<std::uint64_t> still_in(std::span<const std::string> names,
                                                   std::span<const std::uint64_t> pages);

    struct Files {
        std::vector<store::CommonsFile> found; ///< in the order asked
        std::vector<store::ImportProblem> problems; ///< "file:ID" is the item
    };
    [[nodiscard]] Files files(std::span<const std::uint64_t> pages);

    void interrupt() noexcept { replica_.interrupt(); }

private:
    struct Schema {
        bool file_tables = false;     ///< file and filerevision, not image and oldimage
        bool category_targets = false; ///< cl_target_id, not cl_to
        bool link_targets = false;     ///< pl_target_id, not pl_title
    };
    const Schema& probed();
    [[nodiscard]] std::string newest(const char* statement);
    [[nodiscard]] std::optional<std::uint64_t> target(const std::string& name);
    [[nodiscard]] std::optional<std::string> in_category(const std::string& name);
    void add_first_versions(std::map<std::string, store::CommonsFile*, std::less<>>& by_key);

    const config::WikiSettings& wiki_;
    source::Replica replica_;
    std::optional<Schema> schema_;
    std::map<std::string, std::uint64_t, std::less<>> targets_; ///< of linktarget, by name
};

} // namespace runner::imports
