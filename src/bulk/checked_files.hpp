// SPDX-License-Identifier: GPL-2.0-or-later
// The output files of checking a dump: results and violations in shards, the problems, and finally
// a manifest. Progress is recorded after each shard, so that an interrupted run resumes there.
#pragma once

#include "base/packing.hpp"
#include "base/part_file.hpp"
#include "results/status.hpp"
#include "source/entity_line.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace runner::bulk {

/// The kinds of files, in the order of the arrays that have one of each.
enum class FileKind : std::uint8_t { results, csv, tsv, problems };
inline constexpr std::size_t file_kinds = 4;

struct CheckedFilesOptions {
    std::filesystem::path folder; ///< exists
    std::array<bool, file_kinds> wanted{false, true, false, true};
    base::Packing packing = base::Packing::zstd;
    std::uint64_t shard_entities = 100'000;
    bool sentences = false; ///< a column of violations
    bool own = false;       ///< columns of violations: what the runner finds beyond WBQC
    std::int64_t began = 0; ///< seconds since 1970
    std::string key;        ///< what the files depend on; another one begins again
};

struct CheckedCounts {
    source::LineCounts lines;     ///< `problems`: that could not be checked
    std::uint64_t parts = 0;      ///< forms and senses, checked with their lexemes
    std::uint64_t incomplete = 0; ///< results some of whose checks could not be completed
    std::array<std::uint64_t, results::status_count> checks{};     ///< by status
    std::array<std::uint64_t, results::status_count> violations{}; ///< rows, by status
};

/// The output for a block of the dump.
struct CheckedBlock {
    CheckedCounts counts;
    std::array<std::string, file_kinds> packed; ///< of each kind that is wanted
    std::uint64_t lines = 0;
    std::uint64_t end = 0; ///< in the text of the dump
};

struct ShardFile {
    std::string name;
    std::uint64_t bytes = 0;
    std::string sha256;
};

class CheckedFiles {
public:
    /// Resumes an earlier run with the same key in the folder; else removes its
    /// files. Throws base::Error with ExitCode::cant_create when there is something else,
    /// or a complete run (its manifest does not say `"complete": false`).
    explicit CheckedFiles(CheckedFilesOptions options);
    ~CheckedFiles();

    /// How much of the dump is in complete shards.
    [[nodiscard]] std::uint64_t done_bytes() const noexcept { return done_bytes_; }
    [[nodiscard]] std::uint64_t done_lines() const noexcept { return done_lines_; } // newlines

    /// `began` of the run that made the first of the files.
    [[nodiscard]] std::int64_t began() const noexcept { return began_; }

    void add(const CheckedBlock& block);
    /// Completes the last shard; the manifest is the caller's.
    void finish();

    [[nodiscard]] const CheckedCounts& counts() const noexcept { return counts_; }
    [[nodiscard]] const std::vector<ShardFile>& files() const noexcept { return files_; }

    /// A folder for temporary files, inside the other.
    [[nodiscard]] std::filesystem::path work_folder() const { return options_.folder / ".work"; }

private:
    void open_shard();
    void close_shard();
    void save() const;
    bool load();

    const CheckedFilesOptions options_;
    std::array<std::unique_ptr<base::PartFile>, file_kinds> open_;
    std::uint64_t shard_ = 0; ///< of the open files, counted from 1
    std::uint64_t shard_entities_ = 0;
    CheckedCounts counts_;
    std::int64_t began_ = 0;
    std::uint64_t done_bytes_ = 0;
    std::uint64_t done_lines_ = 0;
    std::vector<ShardFile> files_;
};

/// `{"bad-parameters":1,…}` of all statuses, or of those that are stored.
[[nodiscard]] std::string
counts_json(const std::array<std::uint64_t, results::status_count>& counts, bool stored_only);

} // namespace runner::bulk
