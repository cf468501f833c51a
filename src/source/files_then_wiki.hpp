// SPDX-License-Identifier: GPL-2.0-or-later
// Entities from files, with the wiki as a fallback.
#pragma once

#include "source/file_source.hpp"
#include "source/source.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace runner::source {

/// A page that the files declare missing is missing.
class FilesThenWiki final : public EntitySource {
public:
    /// `wiki` creates the other source on first use.
    FilesThenWiki(std::unique_ptr<FileSource> files,
                  std::function<std::unique_ptr<EntitySource>()> wiki);

    [[nodiscard]] const FileSource& files() const noexcept { return *files_; }

    [[nodiscard]] std::vector<Lookup> load(std::span<const entity::EntityId> ids,
                                           std::uint64_t min_revision = 0) override;

private:
    [[nodiscard]] EntitySource& wiki();

    const std::unique_ptr<FileSource> files_;
    const std::function<std::unique_ptr<EntitySource>()> make_wiki_;
    std::mutex mutex_; ///< of what follows
    std::unique_ptr<EntitySource> wiki_;
};

} // namespace runner::source
