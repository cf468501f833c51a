// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/part_file.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace runner::base {
namespace {

constexpr std::size_t buffer_size = std::size_t{256} << 10;

/// The new name is on the disk too.
void sync_folder(const std::filesystem::path& file) {
    const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
    if (const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); fd >= 0) {
        fsync(fd); // a file system that can't do that has other worries
        close(fd);
    }
}

} // namespace

PartFile::PartFile(std::filesystem::path path)
    : path_(std::move(path)), temporary_(path_.string() + ".part") {
    fd_ = open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd_ < 0)
        throw Error(ExitCode::cant_create,
                    fmt::format("{}: {}", temporary_.string(), std::strerror(errno)));
}

PartFile::~PartFile() {
    if (fd_ < 0)
        return;
    close(fd_);
    std::error_code ignored;
    std::filesystem::remove(temporary_, ignored);
}

void PartFile::fail(const char* what) const {
    throw IoError(fmt::format("{}: {}: {}", temporary_.string(), what, std::strerror(errno)));
}

void PartFile::flush() {
    std::string_view left = buffer_;
    while (!left.empty()) {
        const ssize_t n = ::write(fd_, left.data(), left.size());
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            fail("writing failed");
        left.remove_prefix(static_cast<std::size_t>(n));
    }
    buffer_.clear();
}

void PartFile::write(std::string_view bytes) {
    bytes_ += bytes.size();
    hash_.add(bytes);
    buffer_ += bytes;
    if (buffer_.size() >= buffer_size)
        flush();
}

void PartFile::finish() {
    flush();
    if (fsync(fd_) != 0)
        fail("writing failed");
    if (close(std::exchange(fd_, -1)) != 0)
        fail("closing failed");
    if (std::rename(temporary_.c_str(), path_.c_str()) != 0)
        fail("renaming failed");
    sync_folder(path_);
    sha256_ = hash_.hex();
}

void write_whole_file(const std::filesystem::path& path, std::string_view text) {
    PartFile file(path);
    file.write(text);
    file.finish();
}

} // namespace runner::base
