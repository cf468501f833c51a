// SPDX-License-Identifier: GPL-2.0-or-later
// Files of entities as bytes: plain, gzip, bzip2 or Zstandard (by their first bytes, whatever the
// name), a regular file or a pipe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace runner::source {

/// The whole text of a file in memory, as pages that the system can drop and read again: a plain
/// file is mapped as it is, anything else through an unlinked temporary file. The file must not
/// be truncated while it is used.
class MappedText {
public:
    /// Throws base::NoInputError when the file is missing or unreadable, base::DataError when it
    /// unpacks to more than `max_unpacked` bytes, base::IoError when the temporary file can't be
    /// written. All name the file. Of damaged compressed data the text is what comes before.
    explicit MappedText(const std::filesystem::path& path,
                        std::uint64_t max_unpacked = std::uint64_t{64} << 30);
    ~MappedText();
    MappedText(MappedText&& other) noexcept;
    MappedText& operator=(MappedText&&) = delete;

    [[nodiscard]] std::string_view text() const noexcept { return {data_, size_}; }
    /// As TextStream::warning().
    [[nodiscard]] const std::string& warning() const noexcept { return warning_; }
    /// Why more of the file can't be unpacked; empty when the text is all of it.
    [[nodiscard]] const std::string& damage() const noexcept { return damage_; }
    /// Drops the pages of a range of the text, so that a large file does not fill the memory of
    /// the process; they are reloaded on the next access.
    void drop(std::size_t offset, std::size_t length) const noexcept;

private:
    void map(int fd, std::uint64_t size);

    const char* data_ = nullptr;
    std::size_t size_ = 0;
    std::string warning_;
    std::string damage_;
};

/// The text of a file from its beginning to its end, once, in bounded memory.
class TextStream {
public:
    /// Throws as MappedText's constructor.
    explicit TextStream(const std::filesystem::path& path);
    /// The same of an open descriptor, which it closes; a pipe can't be opened twice.
    TextStream(std::string name, int fd);
    ~TextStream();
    TextStream(const TextStream&) = delete;
    TextStream& operator=(const TextStream&) = delete;

    /// Up to `size` bytes into `to`; 0 at the end. Throws DamagedInput when the compression is
    /// damaged or the file ends within it, after all that is good, and again at each further call;
    /// base::IoError when reading fails.
    [[nodiscard]] std::size_t read(char* to, std::size_t size);

    [[nodiscard]] bool compressed() const noexcept;
    /// At the end: a warning about skipped bytes after the compressed data, with the position
    /// where the valid data ends; empty if there were none.
    [[nodiscard]] const std::string& warning() const noexcept;
    /// The bytes of the file itself that were read so far, for progress.
    [[nodiscard]] std::uint64_t raw_bytes() const noexcept;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace runner::source
