// SPDX-License-Identifier: GPL-2.0-or-later
// Dumps of all stored results of a wiki, or of what changed since an earlier one, as files: from
// one snapshot of the database, in shards, by several connections, with a manifest.
#pragma once

#include "base/packing.hpp"
#include "publish/dump_text.hpp"
#include "store/lists/result_dump.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runner::publish {

struct ResultDumpOptions {
    store::DatabaseOptions database;
    std::string wiki;
    std::string concept_base_uri;
    std::filesystem::path folder;
    std::array<bool, dump_formats> formats{};
    base::Packing packing = base::Packing::gzip;
    bool details = false;              ///< status and type in RDF
    bool sentences = false;            ///< a column of CSV
    bool own = false;                  ///< columns of CSV: what the runner finds beyond WBQC
    unsigned threads = 2;              ///< connections
    std::size_t shards = 0;            ///< 0: as many as give shards of some hundred thousand rows
    std::optional<store::Since> since; ///< only what changed
    std::string version;               ///< of the program
};

struct DumpTotals {
    std::uint64_t entities = 0;   ///< results written (JSON)
    std::uint64_t violations = 0; ///< pairs read
    std::uint64_t triples = 0;    ///< of one syntax
    std::uint64_t gone = 0;       ///< entities without a result any more (increments)
    std::uint64_t removed = 0;    ///< pairs that went (increments)
};

struct DumpFileInfo {
    std::string name;
    std::string format;
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
    std::string sha256;
};

struct ResultDumpReport {
    DumpTotals totals;
    store::EventPosition position;
    std::size_t shards = 0;
    std::size_t resumed_shards = 0; ///< of an earlier run that was cut off
    std::size_t files = 0;
};

/// `progress(shards done, shards)` after each shard. What an earlier run with the same options
/// left unfinished is continued. Throws base::Error: with ExitCode::cant_create when the folder
/// holds something else or a complete dump; UnavailableError when the database goes away.
ResultDumpReport dump_results(const ResultDumpOptions& options,
                              const std::function<void(std::size_t, std::size_t)>& progress);

/// The position that a manifest tells, for `since`. Throws base::NoInputError and base::DataError
/// naming the file.
[[nodiscard]] store::Since read_manifest_position(const std::filesystem::path& file,
                                                  std::string_view wiki);

} // namespace runner::publish
