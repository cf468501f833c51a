// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/part_file.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

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

const char* kind_of(mode_t mode) {
    return S_ISLNK(mode)    ? "a symbolic link"
           : S_ISFIFO(mode) ? "a FIFO"
           : S_ISCHR(mode)  ? "a device"
           : S_ISBLK(mode)  ? "a device"
           : S_ISDIR(mode)  ? "a directory"
           : S_ISSOCK(mode) ? "a socket"
                            : "not a regular file";
}

/// Throws when something is there that must stay.
void require_place(const std::filesystem::path& path, Existing existing) {
    struct stat info {};
    if (lstat(path.c_str(), &info) != 0) {
        if (errno == ENOENT)
            return;
        throw Error(ExitCode::cant_create,
                    fmt::format("{}: {}", path.string(), std::strerror(errno)));
    }
    if (!S_ISREG(info.st_mode))
        throw Error(ExitCode::cant_create, fmt::format("{}: is {}, which is never replaced",
                                                       path.string(), kind_of(info.st_mode)));
    if (existing == Existing::forbidden)
        throw Error(ExitCode::cant_create, fmt::format("{}: exists already", path.string()));
}

} // namespace

std::filesystem::path part_of(const std::filesystem::path& file) { return file.string() + ".part"; }

PartFile::PartFile(std::filesystem::path path, Existing existing)
    : path_(std::move(path)), temporary_(part_of(path_)), existing_(existing) {
    require_place(path_, existing_);
    require_place(temporary_, existing_); // another program may have made it
    unlink(temporary_.c_str());           // of an earlier run
    fd_ = open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd_ < 0)
        throw Error(ExitCode::cant_create,
                    fmt::format("{}: {}", temporary_.string(), std::strerror(errno)));
}

PartFile::~PartFile() {
    if (finished_)
        return;
    if (fd_ >= 0)
        close(fd_);
    unlink(temporary_.c_str());
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
    require_place(path_, existing_);
    if (std::rename(temporary_.c_str(), path_.c_str()) != 0)
        fail("renaming failed");
    finished_ = true;
    sync_folder(path_);
    sha256_ = hash_.hex();
}

void write_whole_file(const std::filesystem::path& path, std::string_view text) {
    PartFile file(path);
    file.write(text);
    file.finish();
}

} // namespace runner::base
