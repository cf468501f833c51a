// SPDX-License-Identifier: GPL-2.0-or-later
// How far a dump is, in a file beside it: which shards are complete and of which snapshots they
// are. From it the manifest is made. Private to src/publish.
#pragma once

#include "publish/result_dump.hpp"

#include <mutex>

namespace runner::publish {

struct DumpShard {
    store::EntityRange range;
    bool done = false;
    std::size_t snapshot = 0; ///< index
    DumpTotals totals;
    std::vector<DumpFileInfo> files;
};

struct DumpSnapshotInfo {
    store::EventPosition position;
    std::string taken_at;
};

class DumpState {
public:
    /// What an earlier run with the same key left, if it did. Throws base::Error with
    /// ExitCode::cant_create when the folder holds anything else.
    DumpState(const std::filesystem::path& folder, std::string key);

    std::vector<DumpShard> shards;
    std::vector<DumpSnapshotInfo> snapshots;

    /// Onto the disk.
    void save() const;
    /// Of all shards.
    [[nodiscard]] DumpTotals totals() const;
    /// The oldest position: events from there on bring every shard to the same state.
    [[nodiscard]] store::EventPosition position() const;
    [[nodiscard]] std::string manifest(const ResultDumpOptions& options) const;
    /// Removes the file: the dump is complete.
    void remove() const;

private:
    void load();

    const std::filesystem::path file_;
    const std::string key_;
};

} // namespace runner::publish
