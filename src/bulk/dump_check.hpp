// SPDX-License-Identifier: GPL-2.0-or-later
// Checks a whole dump, from and into files: no database, no daemon. The dump is read three times:
// for the properties, for what checks ask of other entities, and to check.
#pragma once

#include "bulk/checked_files.hpp"
#include "bulk/dump_facts.hpp"
#include "checks/engine.hpp"
#include "config/wiki_settings.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace runner::bulk {

struct DumpCheckOptions {
    std::filesystem::path dump; ///< "-": standard input
    config::WikiSettings wiki;
    checks::EngineOptions engine; ///< `now`, titles of Commons, cache sizes
    Threads threads;
    CheckedFilesOptions files; ///< `key` is made here
    std::string version;       ///< of the program, for the manifest
};

enum class Reading : std::uint8_t { facts, checks };

/// How far it is.
struct DumpProgress {
    Reading reading = Reading::facts;
    std::uint64_t entities = 0; ///< checked so far, those of an earlier run included
    std::uint64_t raw_bytes = 0;
    std::uint64_t raw_size = 0; ///< 0: unknown
};

struct DumpReport {
    CheckedCounts counts;
    std::uint64_t properties = 0;
    bool resumed = false;
    std::string cut;          ///< why the dump is not complete; empty when it is
    std::string warning;      ///< of bytes behind compressed data
    double facts_seconds = 0; ///< by the clock
    double check_seconds = 0;
};

/// `progress` is called now and then, one call at a time. `times` are added to. Throws
/// base::NoInputError, base::DataError (damaged compression), base::IoError.
[[nodiscard]] DumpReport check_dump(const DumpCheckOptions& options, StageTimes& times,
                                    const std::function<void(const DumpProgress&)>& progress);

} // namespace runner::bulk
