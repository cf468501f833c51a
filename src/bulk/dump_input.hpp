// SPDX-License-Identifier: GPL-2.0-or-later
// A dump that is read more than once. A file is opened again; what can be read only once (standard
// input, a pipe) or would be slow to unpack again (bzip2) is kept as a temporary Zstandard file
// while it is read for the first time.
#pragma once

#include "source/block_reader.hpp"
#include "source/input_file.hpp"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace runner::bulk {

/// What a dump may be.
enum class DumpKind : std::uint8_t {
    any,          ///< a file, a pipe, "-" for standard input
    regular_file, ///< or a link to one: reading anything else could wait forever
};

class DumpInput {
public:
    /// `folder` is for the temporary file. Throws as source::TextStream; base::NoInputError for
    /// what `kind` does not allow.
    DumpInput(std::filesystem::path dump, std::filesystem::path folder,
              DumpKind kind = DumpKind::any);

    /// One reading from the beginning. What it returns refers to this; one at a time. The first
    /// has to be read to its end.
    [[nodiscard]] source::BlockReader
    open(std::size_t block_bytes = source::BlockReader::default_block);

    /// For "is it still the same": path, size and time of change; a pipe is never
    /// the same.
    [[nodiscard]] const std::string& identity() const noexcept { return identity_; }
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    /// As that of source::TextStream, after the first reading.
    [[nodiscard]] const std::string& warning() const noexcept { return warning_; }
    /// The bytes that were read of the present reading, and of all; 0 of all when it is unknown.
    [[nodiscard]] std::uint64_t raw_bytes() const noexcept { return raw_bytes_; }
    [[nodiscard]] std::uint64_t raw_size() const noexcept { return raw_size_; }

private:
    [[nodiscard]] std::size_t read(char* to, std::size_t size);
    [[nodiscard]] std::size_t read_stream(char* to, std::size_t size);

    const std::filesystem::path dump_;
    const std::filesystem::path kept_;
    std::string name_;
    std::string identity_;
    bool keep_ = false;    ///< the first reading is kept
    bool is_kept_ = false; ///< it was
    std::uint64_t kept_bytes_ = 0;
    std::unique_ptr<source::TextStream> stream_;
    std::atomic<std::uint64_t> raw_bytes_{0};
    std::atomic<std::uint64_t> raw_size_{0};
    std::string packed_;
    std::string warning_;
    std::string damage_; ///< why the dump can't be unpacked to its end
};

} // namespace runner::bulk
