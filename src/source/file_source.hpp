// SPDX-License-Identifier: GPL-2.0-or-later
// Entities of NDJSON files and JSON dumps: one entity a line, in any of the forms that
// entity_line.hpp and input_file.hpp read. The line `{"entity": "Q1", "redirect": "Q2"}` is a
// redirect.
#pragma once

#include "source/source.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace runner::source {

/// One entity of a file, not parsed yet.
struct EntityLine {
    std::uint64_t line = 0;   ///< counted from 1
    std::string_view json;    ///< valid during the call only
    std::uint64_t offset = 0; ///< bytes of the file itself read so far, for progress
};

/// Reads a file from its beginning to its end, in memory bounded by its longest line (at most
/// 256 MiB), and calls `each` for every line that is no framing; it ends early when `each`
/// returns false. Throws base::NoInputError, base::IoError and base::DataError naming the file
/// and where it can, the line.
void for_each_entity(const std::filesystem::path& file,
                     const std::function<bool(const EntityLine&)>& each);

/// Any entity of some files by its id. Where an id occurs more than once the last one holds.
class FileSource final : public EntitySource {
public:
    /// Makes the index: one pass over the files, which are mapped, not read into memory. Throws
    /// as for_each_entity() does; a line without an id is an error naming file and line.
    explicit FileSource(std::vector<std::filesystem::path> files);
    ~FileSource() override;

    /// Parses what it finds. A line that is no entity after all is a base::DataError naming file
    /// and line. SourceUnavailable when the file has only an older revision than `min_revision`.
    [[nodiscard]] std::vector<Lookup> load(std::span<const entity::EntityId> ids,
                                           std::uint64_t min_revision = 0) override;

    /// The text of an entity as it stands in its file; empty when missing or a redirect. Valid as
    /// long as the source.
    [[nodiscard]] std::string_view json(const entity::EntityId& id) const noexcept;

    /// All entities, in the order of the files; no redirects.
    [[nodiscard]] std::vector<entity::EntityId> ids() const;
    /// How many entities (not redirects) there are.
    [[nodiscard]] std::size_t size() const noexcept;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace runner::source
