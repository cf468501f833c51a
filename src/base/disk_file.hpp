// SPDX-License-Identifier: GPL-2.0-or-later
// A file for random reads and writes by several threads, without mapping it: hot data stays in the
// page cache and not in the memory of the process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace runner::base {

class DiskFile {
public:
    enum class Mode : std::uint8_t { read, read_write, create };

    /// Throws base::NoInputError, or base::Error with ExitCode::cant_create, naming the file.
    DiskFile(std::filesystem::path path, Mode mode);
    ~DiskFile();
    DiskFile(DiskFile&& other) noexcept;
    DiskFile& operator=(DiskFile&&) = delete;

    /// Up to `size` bytes from `offset`; fewer at the end only. Throws base::IoError.
    [[nodiscard]] std::size_t read(std::uint64_t offset, char* to, std::size_t size) const;
    /// Throws base::IoError.
    void write(std::uint64_t offset, std::string_view bytes);
    [[nodiscard]] std::uint64_t size() const;
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
    int fd_ = -1;
};

} // namespace runner::base
