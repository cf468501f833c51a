// SPDX-License-Identifier: GPL-2.0-or-later
// The files of imported Commons categories and lists. Each import has its own list, and is compared
// with the one before it, so that new, changed, renamed and vanished files are told apart.
#pragma once

#include "store/common/session.hpp"
#include "store/imports/file_filter.hpp"
#include "store/imports/import.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace runner::store {

/// What an import found, compared with another.
enum class FileChange : std::uint8_t { unchanged, renewed, changed, renamed, vanished, left_out };

/// A file page and its versions. Times are MediaWiki's ("20261121182000").
struct CommonsFile {
    std::uint64_t page_id = 0;
    std::optional<std::uint64_t> file_id;         ///< file.file_id; empty on the old tables
    std::optional<std::uint64_t> latest_revision; ///< file.file_latest; likewise
    std::string name;                             ///< without namespace, underscores for spaces
    std::string major_mime, minor_mime;
    std::uint64_t width = 0, height = 0;                        ///< of the latest version
    std::optional<std::uint64_t> first_user_id, latest_user_id; ///< empty: hidden or no account
    std::optional<std::string> first_user, latest_user;         ///< empty: hidden
    std::string first_at, latest_at;
    std::optional<std::string> archive_name; ///< of the first version, when there are several
    /// Of its old versions, in order and separated by commas, where there are several.
    std::optional<std::string> other_times;
    std::optional<LeftOut> left_out;           ///< it is not wanted
    std::optional<std::string> category;       ///< that brought it; empty: leave what is known
    FileChange change = FileChange::unchanged; ///< filled when read
    std::optional<std::string> previous_name;  ///< filled when read, of a renamed one

    /// Whether the wiki has the same of both. What is hidden in one of them is another thing.
    [[nodiscard]] bool same_in_wiki(const CommonsFile& other) const;
};

/// Files of one chunk, and pages that are in no category of the import any more.
class CommonsFileRows final : public ImportRows {
public:
    std::vector<CommonsFile> files; ///< each page once
    std::vector<std::uint64_t> vanished;

    /// Adds to files_imported (each once in an import), files_new, files_changed, files_renamed,
    /// files_unchanged, files_vanished, and of those that are left out to files_left_out and
    /// left_out_by_date, _mime_type, _size or _uploader. What vanished after the same import had
    /// brought it is taken from the others again.
    void write(Transaction& transaction, const ImportKey& import,
               ImportCounts& counts) const override;

private:
    void write_files(Transaction& transaction, const ImportKey& import, ImportCounts& counts) const;
};

/// Works through one session, with its errors. Not thread-safe.
class CommonsFileStore {
public:
    explicit CommonsFileStore(Session& session) : session_(session) {}

    struct Known {
        CommonsFile file;
        bool seen = false;     ///< by this import
        bool vanished = false; ///< and this import knows it
    };
    /// The files of this import and of the one that it is compared with, by page id, after `after`.
    [[nodiscard]] std::vector<Known> known(const ImportKey& import, std::uint64_t after,
                                           std::uint32_t limit);
    /// Those of the pages that the import has seen, or has a problem with.
    [[nodiscard]] std::set<std::uint64_t> seen(const ImportKey& import,
                                               std::span<const std::uint64_t> pages);
    /// Pages of the import's problems ("file:ID"), after `after`, in order.
    [[nodiscard]] std::vector<std::uint64_t>
    problem_pages(const ImportKey& import, std::uint64_t after, std::uint32_t limit);

    enum class Order : std::uint8_t { page, name };
    /// Where a list continues: after this page, or after this name.
    struct Place {
        std::uint64_t page = 0;
        std::optional<std::string> name; ///< with order by name
    };
    struct Page {
        bool found = false; ///< there is such an import, of files
        std::string state;  ///< of the import: active, paused, complete, failed or cancelled
        std::vector<CommonsFile> files;
        bool file_ids = false; ///< it was read from tables that number files
        bool deleted = false;  ///< its files were deleted
        bool since_found = false,
             since_deleted = false;       ///< of the other import, where one is asked for
        std::optional<FileFilter> filter; ///< the question's, its times resolved
        std::array<std::uint64_t, left_out_names.size()> left_out{}; ///< by that
        std::optional<Place> next; ///< after which more may follow; empty: that is all
    };
    struct Question {
        std::uint64_t import_id = 0;
        Place after{};
        std::uint32_t limit = 100;
        Order order = Order::page;
        std::optional<FileChange> change{};
        /// What differs from this import, by page, instead: `limit` is then how many pages are
        /// compared, of which few or none may differ.
        std::optional<std::uint64_t> since{};
        /// Those alone that it wants, of the next `limit` files.
        std::optional<FileFilter> filter{};
    };
    /// The files of the import after a place; those that vanished or are left out only when asked
    /// for. With `change` those alone of which this import found that.
    [[nodiscard]] Page page(const Question& question);

private:
    Session& session_;
};

} // namespace runner::store
