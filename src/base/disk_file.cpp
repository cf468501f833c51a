// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/disk_file.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace runner::base {

DiskFile::DiskFile(std::filesystem::path path, Mode mode) : path_(std::move(path)) {
    int flags = O_CLOEXEC;
    switch (mode) {
    case Mode::read: flags |= O_RDONLY; break;
    case Mode::read_write: flags |= O_RDWR | O_CREAT; break;
    case Mode::create: flags |= O_RDWR | O_CREAT | O_TRUNC; break;
    }
    fd_ = open(path_.c_str(), flags, 0666);
    if (fd_ >= 0)
        return;
    const auto text = fmt::format("{}: {}", path_.string(), std::strerror(errno));
    if (mode == Mode::read)
        throw NoInputError(text);
    throw Error(ExitCode::cant_create, text);
}

DiskFile::~DiskFile() {
    if (fd_ >= 0)
        close(fd_);
}

DiskFile::DiskFile(DiskFile&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}

std::size_t DiskFile::read(std::uint64_t offset, char* to, std::size_t size) const {
    std::size_t done = 0;
    while (done < size) {
        const ssize_t n = pread(fd_, to + done, size - done, static_cast<off_t>(offset + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            throw IoError(fmt::format("{}: {}", path_.string(), std::strerror(errno)));
        if (n == 0)
            break;
        done += static_cast<std::size_t>(n);
    }
    return done;
}

void DiskFile::write(std::uint64_t offset, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t n = pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            throw IoError(fmt::format("{}: {}", path_.string(), std::strerror(errno)));
        offset += static_cast<std::uint64_t>(n);
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
}

std::uint64_t DiskFile::size() const {
    struct stat info {};
    if (fstat(fd_, &info) != 0)
        throw IoError(fmt::format("{}: {}", path_.string(), std::strerror(errno)));
    return static_cast<std::uint64_t>(info.st_size);
}

} // namespace runner::base
