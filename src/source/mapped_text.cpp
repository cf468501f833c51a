// SPDX-License-Identifier: GPL-2.0-or-later
// Mapping files, and spooling what can't be mapped.
#include "base/error.hpp"
#include "base/fd.hpp"
#include "base/unpacker.hpp"
#include "source/damaged_input.hpp"
#include "source/input_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace runner::source {
namespace {

using base::Fd;

bool is_compressed(int fd) {
    std::array<char, base::compression_head> head{};
    const ssize_t n = pread(fd, head.data(), head.size(), 0);
    const std::string_view text(head.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
    return base::compression_of(text) != base::Compression::none;
}

void write_all(int fd, const char* data, std::size_t size, const std::string& name) {
    while (size > 0) {
        const ssize_t n = write(fd, data, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            throw base::IoError(
                fmt::format("{}: unpacking to a temporary file: {}", name, std::strerror(errno)));
        data += n;
        size -= static_cast<std::size_t>(n);
    }
}

int temporary_file(const std::string& name) {
    const char* dir = std::getenv("TMPDIR");
    std::string pattern =
        (dir != nullptr && *dir != '\0' ? std::string(dir) : "/tmp") + "/constraint-runner-XXXXXX";
    const int fd = mkostemp(pattern.data(), O_CLOEXEC);
    if (fd < 0)
        throw base::IoError(
            fmt::format("{}: no temporary file {}: {}", name, pattern, std::strerror(errno)));
    unlink(pattern.c_str());
    return fd;
}

} // namespace

MappedText::MappedText(const std::filesystem::path& path, std::uint64_t max_unpacked) {
    const std::string name = path.string();
    Fd file{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    struct stat info {};
    if (file.fd < 0 || fstat(file.fd, &info) != 0)
        throw base::NoInputError(fmt::format("{}: {}", name, std::strerror(errno)));
    if (S_ISDIR(info.st_mode))
        throw base::NoInputError(fmt::format("{}: {}", name, std::strerror(EISDIR)));
    if (S_ISREG(info.st_mode) && !is_compressed(file.fd)) {
        map(file.fd, static_cast<std::uint64_t>(info.st_size));
        if (data_ == nullptr && info.st_size > 0)
            throw base::NoInputError(fmt::format("{}: {}", name, std::strerror(errno)));
        return;
    }
    TextStream stream(name, file.release());
    const Fd spool{temporary_file(name)};
    constexpr std::size_t block = std::size_t{1} << 20;
    const auto buffer = std::make_unique<char[]>(block);
    std::uint64_t size = 0;
    const auto read = [&]() -> std::size_t {
        try {
            return stream.read(buffer.get(), block);
        } catch (const DamagedInput& error) {
            damage_ = error.reason;
            return 0;
        }
    };
    while (const std::size_t n = read()) {
        size += n;
        if (size > max_unpacked)
            throw base::DataError(
                fmt::format("{}: unpacks to more than {} bytes", name, max_unpacked));
        write_all(spool.fd, buffer.get(), n, name);
    }
    warning_ = stream.warning();
    map(spool.fd, size);
    if (data_ == nullptr && size > 0)
        throw base::IoError(
            fmt::format("{}: mapping the temporary file: {}", name, std::strerror(errno)));
}

void MappedText::map(int fd, std::uint64_t size) {
    if (size == 0)
        return;
    void* at = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (at == MAP_FAILED)
        return;
    data_ = static_cast<const char*>(at);
    size_ = size;
}

void MappedText::drop(std::size_t offset, std::size_t length) const noexcept {
    if (length == 0)
        return;
    // Linux maps the pages around the one that was read as well, 64 KiB of them
    constexpr std::size_t around = std::size_t{64} << 10;
    const std::size_t begin = (offset > around ? offset - around : 0) / around * around;
    const std::size_t end = std::min(offset + length + around, size_);
    madvise(const_cast<char*>(data_) + begin, end - begin, MADV_DONTNEED);
}

MappedText::~MappedText() {
    if (data_ != nullptr)
        munmap(const_cast<char*>(data_), size_);
}

MappedText::MappedText(MappedText&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)),
      warning_(std::move(other.warning_)), damage_(std::move(other.damage_)) {}

} // namespace runner::source
