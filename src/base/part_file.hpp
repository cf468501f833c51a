// SPDX-License-Identifier: GPL-2.0-or-later
// A file that is either complete or absent: it is written under a temporary name (".part" added)
// and moved to its own when all of it is on the disk.
#pragma once

#include "base/sha256.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace runner::base {

/// What may already exist in place of the file and its temporary one. Anything but a regular file
/// (a link, a FIFO, a device) is never replaced.
enum class Existing : std::uint8_t {
    replace,  ///< a regular file is replaced
    forbidden ///< nothing is there
};

/// The temporary name.
[[nodiscard]] std::filesystem::path part_of(const std::filesystem::path& file);

class PartFile {
public:
    /// Creates the temporary file; with Existing::replace in place of one that an earlier run left.
    /// Follows no link. Throws base::Error with ExitCode::cant_create, naming what is in the way.
    explicit PartFile(std::filesystem::path path, Existing existing = Existing::replace);
    /// Removes the temporary file unless it was finished.
    ~PartFile();
    PartFile(const PartFile&) = delete;
    PartFile& operator=(const PartFile&) = delete;

    /// Throws base::IoError naming the file.
    void write(std::string_view bytes);
    /// Writes it to the disk and moves it to its place. Throws base::IoError, and base::Error with
    /// ExitCode::cant_create when something has come into its place meanwhile.
    void finish();

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
    /// Of what was written, hexadecimal; after finish().
    [[nodiscard]] const std::string& sha256() const noexcept { return sha256_; }

private:
    void flush();
    [[noreturn]] void fail(const char* what) const;

    const std::filesystem::path path_;
    const std::filesystem::path temporary_;
    const Existing existing_;
    int fd_ = -1;
    bool finished_ = false;
    std::string buffer_;
    std::uint64_t bytes_ = 0;
    Sha256 hash_;
    std::string sha256_;
};

/// A small file, whole, as PartFile writes it.
void write_whole_file(const std::filesystem::path& path, std::string_view text);

} // namespace runner::base
