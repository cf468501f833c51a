// SPDX-License-Identifier: GPL-2.0-or-later
// The files of imported Commons categories: what an import brings is compared with what is there,
// so that new, changed, renamed and vanished files are told apart.
#pragma once

#include "store/import.hpp"
#include "store/session.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace runner::store {

/// What the last import that saw a file found.
enum class FileChange : std::uint8_t { unchanged, renewed, changed, renamed, vanished };

/// A file page and its versions. Times are MediaWiki's ("20261121182000").
struct CommonsFile {
    std::uint64_t page_id = 0;
    std::string name; ///< without namespace, underscores for spaces
    std::string major_mime, minor_mime;
    std::uint64_t width = 0, height = 0;                      ///< of the latest version
    std::optional<std::uint64_t> first_user_id, latest_user_id; ///< empty: hidden or no account
    std::optional<std::string> first_user, latest_user;       ///< empty: hidden
    std::string first_at, latest_at;
    std::optional<std::string> archive_name; ///< of the first version, when there are several
    FileChange change = FileChange::unchanged;   ///< filled when read
    std::optional<std::string> previous_name;    ///< filled when read, of a renamed one
};

/// Files of one chunk, and pages that are in no category of the import any more.
class CommonsFileRows final : public ImportRows {
public:
    std::vector<CommonsFile> files; ///< each page once
    std::vector<std::uint64_t> vanished;

    /// Adds to files_imported (each once in an import), files_new, files_changed, files_renamed,
    /// files_unchanged and files_vanished.
    void write(Transaction& transaction, const ImportKey& import,
               ImportCounts& counts) const override;
};

/// Works through one session, with its errors. Not thread-safe.
class CommonsFileStore {
public:
    explicit CommonsFileStore(Session& session) : session_(session) {}

    /// Pages known of the subject that the import did not see, after `after`.
    [[nodiscard]] std::vector<std::uint64_t> unseen(const ImportKey& import, std::uint64_t after,
                                                    std::uint32_t limit);

    struct Page {
        bool found = false; ///< there is such an import, of the kind "category"
        std::vector<CommonsFile> files;
    };
    /// The files of the import's subject by page id, after `after`; those that vanished only when
    /// asked for. With `change` those alone of which this very import found that.
    [[nodiscard]] Page page(std::uint64_t import_id, std::uint64_t after, std::uint32_t limit,
                            std::optional<FileChange> change = std::nullopt);

private:
    Session& session_;
};

} // namespace runner::store
