// SPDX-License-Identifier: GPL-2.0-or-later
// The only user of Boost.Iostreams. Its gzip filter notices data that was cut off; for Zstandard
// ZstdFrames does.
#include "source/input_file.hpp"

#include "base/error.hpp"
#include "source/zstd_frames.hpp"

#include <boost/iostreams/categories.hpp>
#include <boost/iostreams/chain.hpp>
#include <boost/iostreams/filter/bzip2.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filter/zstd.hpp>
#include <boost/iostreams/filtering_streambuf.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace runner::source {
namespace {

namespace io = boost::iostreams;

/// A file descriptor with its first bytes already looked at.
struct RawFile {
    std::string name;
    int fd = -1;
    std::array<char, 4> head{};
    std::size_t head_size = 0;
    std::size_t head_used = 0;
    std::uint64_t bytes = 0;
    ZstdFrames frames; ///< fed when `zstd`
    bool zstd = false;

    ~RawFile() {
        if (fd >= 0)
            close(fd);
    }

    std::size_t read_fd(char* to, std::size_t size) {
        for (;;) {
            const ssize_t n = ::read(fd, to, size);
            if (n >= 0) {
                bytes += static_cast<std::uint64_t>(n);
                return static_cast<std::size_t>(n);
            }
            if (errno != EINTR)
                throw base::IoError(fmt::format("{}: {}", name, std::strerror(errno)));
        }
    }

    std::size_t read(char* to, std::size_t size) {
        if (head_used == head_size)
            return read_fd(to, size);
        const std::size_t n = std::min(size, head_size - head_used);
        std::memcpy(to, head.data() + head_used, n);
        head_used += n;
        return n;
    }
};

/// RawFile as Boost.Iostreams wants it (it copies its devices).
struct RawDevice {
    using char_type = char;
    using category = io::source_tag;
    RawFile* file;
    std::streamsize read(char* to, std::streamsize size) {
        const std::size_t n = file->read(to, static_cast<std::size_t>(size));
        if (file->zstd)
            file->frames.feed({to, n});
        return n == 0 ? -1 : static_cast<std::streamsize>(n);
    }
};

int open_file(const std::filesystem::path& path) {
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        throw base::NoInputError(fmt::format("{}: {}", path.string(), std::strerror(errno)));
    return fd;
}

} // namespace

struct TextStream::Impl {
    RawFile raw;
    bool compressed = false;
    io::filtering_streambuf<io::input> unpacked;
};

TextStream::TextStream(const std::filesystem::path& path)
    : TextStream(path.string(), open_file(path)) {}

TextStream::TextStream(std::string name, int fd) : impl_(std::make_unique<Impl>()) {
    RawFile& raw = impl_->raw;
    raw.name = std::move(name);
    raw.fd = fd;
    try {
        while (raw.head_size < raw.head.size()) {
            const std::size_t n =
                raw.read_fd(raw.head.data() + raw.head_size, raw.head.size() - raw.head_size);
            if (n == 0)
                break;
            raw.head_size += n;
        }
    } catch (const base::IoError& e) { // a directory can be opened, but not read
        throw base::NoInputError(e.what());
    }
    const std::string_view head(raw.head.data(), raw.head_size);
    constexpr std::streamsize buffer = 1 << 17;
    if (head.starts_with("\x1f\x8b")) {
        impl_->compressed = true;
        impl_->unpacked.push(io::gzip_decompressor(io::zlib::default_window_bits, buffer), buffer);
    } else if (head == "\x28\xb5\x2f\xfd") {
        impl_->compressed = true;
        raw.zstd = true;
        impl_->unpacked.push(io::zstd_decompressor(buffer), buffer);
    } else if (head.starts_with("BZh")) {
        impl_->compressed = true;
        impl_->unpacked.push(io::bzip2_decompressor(false, buffer), buffer);
    }
    if (impl_->compressed)
        impl_->unpacked.push(RawDevice{&raw}, buffer);
}

TextStream::~TextStream() = default;

std::size_t TextStream::read(char* to, std::size_t size) {
    if (!impl_->compressed)
        return impl_->raw.read(to, size);
    try {
        const std::streamsize n = impl_->unpacked.sgetn(to, static_cast<std::streamsize>(size));
        if (n <= 0 && impl_->raw.zstd && !impl_->raw.frames.complete())
            throw base::DataError(impl_->raw.name + ": damaged Zstandard data (it is cut off)");
        return n < 0 ? 0 : static_cast<std::size_t>(n);
    } catch (const io::gzip_error& e) {
        throw base::DataError(fmt::format("{}: damaged gzip data ({})", impl_->raw.name, e.what()));
    } catch (const io::bzip2_error& e) {
        throw base::DataError(
            fmt::format("{}: damaged bzip2 data ({})", impl_->raw.name, e.what()));
    } catch (const io::zstd_error& e) {
        throw base::DataError(
            fmt::format("{}: damaged Zstandard data ({})", impl_->raw.name, e.what()));
    } catch (const std::ios_base::failure& e) {
        throw base::DataError(
            fmt::format("{}: damaged compressed data ({})", impl_->raw.name, e.what()));
    }
}

bool TextStream::compressed() const noexcept {
    return impl_->compressed;
}

std::uint64_t TextStream::raw_bytes() const noexcept {
    return impl_->raw.bytes;
}

} // namespace runner::source
