// SPDX-License-Identifier: GPL-2.0-or-later
// The index of values of a whole wiki in files, for distinct values: values are collected in any
// order, sorted on the disk, and only those that two entities or more have are kept.
#pragma once

#include "base/disk_file.hpp"
#include "facts/value_index.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace runner::facts {

/// Collects values. Thread-safe; memory is bounded.
class ValueCollector {
public:
    /// Writes into `folder`, in the place of what an earlier one left.
    explicit ValueCollector(const std::filesystem::path& folder);
    ~ValueCollector();

    void add(const entity::EntityId& entity, std::span<const CollectedValue> values);

    /// Sorts; afterwards a SharedValues can be opened on the folder. Memory: about a 256th of all
    /// values at 24 bytes each.
    void finish();

private:
    static constexpr std::size_t parts = 256;
    struct Part {
        std::string buffer;
        std::uint64_t written = 0;
    };
    [[nodiscard]] std::filesystem::path part_path(std::size_t part) const;
    void flush(std::size_t part);

    const std::filesystem::path folder_;
    std::mutex mutex_;
    std::vector<Part> parts_;
};

/// Reads them.
class SharedValues final : public ValueIndex {
public:
    explicit SharedValues(const std::filesystem::path& folder);

    [[nodiscard]] std::vector<std::vector<entity::EntityId>>
    others(const entity::EntityId& self, std::span<const results::ValueKey> keys) override;

private:
    const base::DiskFile rows_;
    std::vector<results::ValueKey> steps_; ///< the key of every n-th row
    std::uint64_t count_ = 0;
};

} // namespace runner::facts
