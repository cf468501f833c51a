// SPDX-License-Identifier: GPL-2.0-or-later
// The readings of a dump that come before checking: the properties with their constraints, then of
// every entity the facts that checks of others need, and the values that must be distinct.
#pragma once

#include "bulk/dump_input.hpp"
#include "bulk/parallel_blocks.hpp"
#include "checks/engine.hpp"
#include "config/wiki_settings.hpp"
#include "facts/fact_files.hpp"
#include "facts/value_files.hpp"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace runner::bulk {

/// Nanoseconds of processor time, of all threads.
struct StageTimes {
    std::atomic<std::int64_t> read{0}; ///< from the disk, unpacked, cut into blocks
    std::atomic<std::int64_t> parse{0};
    std::atomic<std::int64_t> collect{0}; ///< facts and values
    std::atomic<std::int64_t> gather{0};
    std::atomic<std::int64_t> check{0};
    std::atomic<std::int64_t> write{0};
};

struct DumpCounts {
    std::atomic<std::uint64_t> lines{0};    ///< of the present reading
    std::atomic<std::uint64_t> entities{0}; ///< that hold, of all types
    std::atomic<std::uint64_t> properties{0};
};

/// The entity of a line. Throws base::DataError, without file and line, when it can't be read.
[[nodiscard]] entity::EntityPtr parse_line(const source::InputLine& line);

/// What is called now and then, from any thread; it must be quick.
using Progress = std::function<void()>;

class DumpFacts {
public:
    /// Reads the dump twice, or takes what an earlier run on the same dump and settings left in
    /// `folder`. A line that can't be read is passed over: checking reports it. `key` is what the
    /// files depend on. Throws as TextStream and BlockReader; base::IoError.
    DumpFacts(DumpInput& input, const std::filesystem::path& folder,
              const config::WikiSettings& wiki, const Threads& threads, const std::string& key,
              StageTimes& times, DumpCounts& counts, const Progress& progress);

    [[nodiscard]] facts::FactFiles& files() noexcept { return *files_; }
    /// Lines of the whole dump, and those of them that can't be read; see source::LineCounts.
    [[nodiscard]] std::uint64_t lines() const noexcept { return lines_; }
    [[nodiscard]] std::uint64_t problems() const noexcept { return problems_; }
    /// Why the dump is not complete (cut off, no entity in it); empty when it is.
    [[nodiscard]] const std::string& cut() const noexcept { return cut_; }
    /// That bytes behind compressed data were passed over; empty when there were none.
    [[nodiscard]] const std::string& warning() const noexcept { return warning_; }
    /// Null when the wiki keeps no distinct values.
    [[nodiscard]] std::shared_ptr<facts::ValueIndex> values() const noexcept { return values_; }

private:
    [[nodiscard]] bool take_kept(const std::filesystem::path& file, const std::string& key);
    void keep(const std::filesystem::path& file, const std::string& key) const;
    void read_properties();
    void read_facts();
    void add_facts(const source::InputLine& line, facts::FactFiles::Batch& batch,
                   checks::Engine& engine, facts::ValueCollector* values);
    void read_values_again();
    void add_values(const entity::EntityPtr& document, checks::Engine& engine,
                    facts::ValueCollector& values);

    DumpInput& input_;
    const std::filesystem::path folder_;
    const config::WikiSettings& wiki_;
    const Threads threads_;
    StageTimes& times_;
    DumpCounts& counts_;
    const Progress& progress_;
    std::unique_ptr<facts::FactFiles> files_;
    std::shared_ptr<facts::ValueIndex> values_;
    std::uint64_t lines_ = 0;
    std::atomic<std::uint64_t> problems_{0};
    std::string cut_;
    std::string nameless_; ///< the first line that can't be read and may be any entity
    std::string warning_;
};

} // namespace runner::bulk
