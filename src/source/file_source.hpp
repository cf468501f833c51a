// SPDX-License-Identifier: GPL-2.0-or-later
// Entities from files, in any of the formats that block_reader.hpp and input_file.hpp read. The
// line `{"entity": "Q1", "redirect": "Q2"}` is a redirect.
#pragma once

#include "source/entity_line.hpp"
#include "source/source.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace runner::source {

/// Finds entities in files by id. If an id occurs more than once the highest revision wins,
/// among equal ones the last.
class FileSource final : public EntitySource {
public:
    /// Builds the index in one pass over the files, which are mapped, not read into memory. Throws
    /// base::NoInputError, base::IoError and, for a file that is not an input at all (damaged
    /// compression, another format), base::DataError; all name the file. Lines that can't be read
    /// are counted among problems().
    explicit FileSource(std::vector<std::filesystem::path> files);
    ~FileSource() override;

    /// Parses what it finds. A line that is not an entity after all is a base::DataError naming
    /// file and line; so is an absent id when a file is truncated. SourceUnavailable when
    /// the file has only an older revision than `min_revision`.
    [[nodiscard]] std::vector<Lookup> load(std::span<const entity::EntityId> ids,
                                           std::uint64_t min_revision = 0) override;

    /// Whether a line is about the page: an entity, a redirect, or that it is missing.
    [[nodiscard]] bool knows(const entity::EntityId& id) const noexcept;

    /// The text of an entity as it is in its file; empty when missing or a redirect. Valid as
    /// long as the source.
    [[nodiscard]] std::string_view json(const entity::EntityId& id) const noexcept;

    /// All entities, in the order of the files; no redirects.
    [[nodiscard]] std::vector<entity::EntityId> ids() const;
    /// How many entities (not redirects) there are.
    [[nodiscard]] std::size_t size() const noexcept;

    /// `entities` counts the lines that win, whether they can be parsed or not.
    [[nodiscard]] const LineCounts& counts() const noexcept;
    /// Lines without a readable id, each as `FILE:LINE: reason`; at most `most_problems`.
    [[nodiscard]] const std::vector<std::string>& problems() const noexcept;
    /// Why files are not complete, each beginning with its name.
    [[nodiscard]] const std::vector<std::string>& cut() const noexcept;
    /// Of bytes behind compressed data, each beginning with the name of its file.
    [[nodiscard]] const std::vector<std::string>& warnings() const noexcept;

    static constexpr std::size_t most_problems = 1000;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace runner::source
