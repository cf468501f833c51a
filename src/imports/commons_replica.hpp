// SPDX-License-Identifier: GPL-2.0-or-later
// Categories and files as MediaWiki's tables have them, in both generations of the schema: files
// in image and oldimage, or in file, filerevision and filetypes; links by title, or by linktarget.
#pragma once

#include "imports/category_redirects.hpp"
#include "imports/file_page.hpp"
#include "source/replica.hpp"
#include "store/imports/commons_files.hpp"

#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace runner::imports {

/// A place in the order in which pages were put into a category, between two of them. Renaming a
/// page does not change its place, and what is added comes at the end.
struct CategoryPosition {
    std::string time; ///< "2026-01-31 12:00:00"; empty: before the first
    std::uint64_t page_id = 0;
    auto operator<=>(const CategoryPosition&) const = default;
};

/// How far the replica is behind its wiki.
struct ReplicaAge {
    std::uint64_t seconds = 0;
    bool heartbeat = false; ///< else by the newest change that it has
};

/// Not thread-safe but for interrupt(). Throws what source::Replica throws, and
/// source::ReplicaRefused "unknown_schema" for a database that is no wiki's.
class CommonsReplica {
public:
    /// `wiki` outlives it.
    explicit CommonsReplica(const config::WikiSettings& wiki);

    /// "image, categorylinks by title": which generation the tables are of.
    [[nodiscard]] std::string schema();
    /// Looks at the tables anew at the next use.
    void forget_schema();
    /// Empty when there is nothing that shows it.
    [[nodiscard]] std::optional<ReplicaAge> age();

    [[nodiscard]] CategoryFacts category(const std::string& name);
    /// How many files are in the category: counted, or as the wiki's own statistics have it when
    /// counting takes too long.
    [[nodiscard]] store::ImportTotal count_files(const std::string& name);
    /// Categories that are in any of these.
    [[nodiscard]] std::vector<std::string> subcategories(std::span<const std::string> names);

    struct Members {
        std::uint64_t files = 0, subcategories = 0, pages = 0;
    };
    /// Counted, or when that takes too long as the wiki's own statistics have them.
    [[nodiscard]] Members members(const std::string& name);
    /// How many files are in any of the categories, each counted once.
    [[nodiscard]] std::uint64_t count_distinct(std::span<const std::string> names);

    /// The next members of the category after `position`, files and others.
    [[nodiscard]] std::vector<CategoryPosition>
    members_after(const std::string& name, const CategoryPosition& position, std::uint32_t limit);
    /// Those of the pages that are in any of the categories as files.
    [[nodiscard]] std::set<std::uint64_t> still_in(std::span<const std::string> names,
                                                   std::span<const std::uint64_t> pages);

    struct Files {
        std::vector<store::CommonsFile> found; ///< each page once
        /// "file:ID" is the item of those that have no file; "File:Name" of remarks.
        std::vector<store::ImportProblem> problems;
        /// Those of the pages that are files of the categories, found or a problem.
        std::set<std::uint64_t> there;
    };
    /// Files of the pages; with `categories`, of those alone that are in any of them as files.
    [[nodiscard]] Files files(std::span<const std::uint64_t> pages,
                              std::span<const std::string> categories = {});

    struct Next {
        Files files;
        CategoryPosition position; ///< of the last member that was looked at
        bool more = false;         ///< there may be more members after it
    };
    /// Those of the pages that are not to be taken; may be empty.
    using Seen = std::function<std::set<std::uint64_t>(std::span<const std::uint64_t>)>;
    /// The pages of the links without those, in the order of the links.
    [[nodiscard]] static std::vector<std::uint64_t> unseen(std::span<const CategoryPosition> links,
                                                           const Seen& seen);
    /// The files of the next members after `position`, in one statement: at most `limit`, and fewer
    /// when some have very many versions.
    [[nodiscard]] Next next_files(const std::string& name, const CategoryPosition& position,
                                  std::uint32_t limit, const Seen& seen);

    /// A page that was named, or one that a redirect leads to.
    struct Named {
        std::uint64_t page_id = 0;
        std::string title;
        bool is_file = false; ///< in the namespace of files
        bool is_redirect = false;
        std::optional<std::string> target; ///< of a redirect to a file
    };
    /// Pages of the namespace of files, by their titles; those that there are.
    [[nodiscard]] std::map<std::string, Named> named(const std::set<std::string>& titles);
    /// The same by page, of any namespace.
    [[nodiscard]] std::map<std::uint64_t, Named> numbered(std::span<const std::uint64_t> pages);
    /// Titles by file.file_id. Throws source::ReplicaRefused "no_file_ids" on the old tables.
    [[nodiscard]] std::map<std::uint64_t, std::string>
    titles_of(std::span<const std::uint64_t> file_ids);
    struct Logged {
        std::optional<std::string> moved_to; ///< the last time that it was
        bool deleted = false;                ///< and not moved after that
    };
    /// What the wiki's log says of titles of files, as far as it can be read.
    [[nodiscard]] std::map<std::string, Logged> logged(const std::set<std::string>& titles);
    /// Those of the pages that the log says were deleted.
    [[nodiscard]] std::set<std::uint64_t> deleted(std::span<const std::uint64_t> pages);

    void interrupt() noexcept { replica_.interrupt(); }

private:
    struct Schema {
        bool file_tables = false;      ///< file and filerevision, not image and oldimage
        bool category_targets = false; ///< cl_target_id, not cl_to
        bool link_targets = false;     ///< pl_target_id, not pl_title
    };
    const Schema& probed();
    [[nodiscard]] std::string newest(const char* statement);
    [[nodiscard]] std::optional<std::uint64_t> target(const std::string& name);
    [[nodiscard]] std::optional<std::string> in_category(const std::string& name);
    [[nodiscard]] std::string in_categories(std::span<const std::string> names);
    [[nodiscard]] std::optional<std::uint64_t> seconds_since(const std::string& select);
    [[nodiscard]] std::optional<std::string>
    links_after(const std::string& name, const CategoryPosition& position, std::uint32_t limit);
    [[nodiscard]] const std::set<std::uint64_t>& no_files_in(const std::string& name);
    using FilePages = std::map<std::uint64_t, FilePage>;
    [[nodiscard]] Actors actors(const std::set<std::uint64_t>& ids);
    [[nodiscard]] std::map<std::uint64_t, std::string>
    redirect_targets(const std::set<std::uint64_t>& pages);
    void complete(FilePages& pages);
    void judge(FilePages& pages, Files& files);
    void set_apart(FilePages& pages, std::span<const std::uint64_t> asked,
                   std::span<const std::string> categories, Files& files);

    const config::WikiSettings& wiki_;
    source::Replica replica_;
    std::optional<Schema> schema_;
    std::set<std::string> columns_; ///< "page.page_id", of the tables that are of interest here
    std::map<std::string, std::uint64_t, std::less<>> targets_;          ///< of linktarget, by name
    std::map<std::uint64_t, std::pair<std::string, std::string>> types_; ///< of filetypes, by ft_id
    std::map<std::string, std::set<std::uint64_t>> no_files_; ///< see no_files_in(); by category
};

} // namespace runner::imports
