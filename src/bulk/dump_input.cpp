// SPDX-License-Identifier: GPL-2.0-or-later
#include "bulk/dump_input.hpp"

#include "base/disk_file.hpp"
#include "base/error.hpp"
#include "base/packing.hpp"
#include "source/damaged_input.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <utility>

namespace runner::bulk {
namespace {

bool is_bzip2(const std::filesystem::path& path) {
    char head[3] = {};
    const base::DiskFile file(path, base::DiskFile::Mode::read);
    return file.read(0, head, sizeof head) == sizeof head &&
           std::string_view(head, sizeof head) == "BZh";
}

std::filesystem::path real_path(std::filesystem::path dump) {
    struct stat info {};
    // a file that was redirected to standard input can be opened again
    if (dump == "-" && fstat(STDIN_FILENO, &info) == 0 && S_ISREG(info.st_mode))
        return "/dev/stdin";
    return dump;
}

} // namespace

DumpInput::DumpInput(std::filesystem::path dump, std::filesystem::path folder, DumpKind kind)
    : dump_(kind == DumpKind::any ? real_path(std::move(dump)) : std::move(dump)),
      kept_(folder / "dump.zst"),
      name_(dump_ == "-" || dump_ == "/dev/stdin" ? "standard input" : dump_.string()) {
    // input that can't be read again may have changed
    const auto unique = [] {
        timespec now{};
        clock_gettime(CLOCK_REALTIME, &now);
        return fmt::format(" {} {}.{:09}", getpid(), now.tv_sec, now.tv_nsec);
    };
    if (kind == DumpKind::any && dump_ == "-") {
        keep_ = true;
        identity_ = name_ + unique();
        return;
    }
    struct stat info {};
    if (stat(dump_.c_str(), &info) != 0)
        throw base::NoInputError(fmt::format("{}: {}", name_, std::strerror(errno)));
    if (S_ISDIR(info.st_mode))
        throw base::NoInputError(fmt::format("{}: {}", name_, std::strerror(EISDIR)));
    if (!S_ISREG(info.st_mode) && kind == DumpKind::regular_file)
        throw base::NoInputError(fmt::format("{}: not a regular file", name_));
    if (!S_ISREG(info.st_mode)) {
        keep_ = true;
        identity_ = name_ + unique();
        return;
    }
    raw_size_ = static_cast<std::uint64_t>(info.st_size);
    keep_ = is_bzip2(dump_);
    identity_ = fmt::format("{} {} {}.{:09}", std::filesystem::absolute(dump_).string(),
                            info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
}

source::BlockReader DumpInput::open(std::size_t block_bytes) {
    raw_bytes_ = 0;
    if (is_kept_) {
        stream_ = std::make_unique<source::TextStream>(kept_);
        raw_size_ = kept_bytes_;
    } else if (dump_ == "-") {
        const int fd = dup(STDIN_FILENO);
        if (fd < 0)
            throw base::NoInputError(fmt::format("standard input: {}", std::strerror(errno)));
        stream_ = std::make_unique<source::TextStream>(name_, fd);
    } else {
        stream_ = std::make_unique<source::TextStream>(dump_);
    }
    if (keep_ && !is_kept_) {
        base::DiskFile(kept_, base::DiskFile::Mode::create);
        kept_bytes_ = 0;
    }
    return {name_, [this](char* to, std::size_t size) { return read(to, size); }, block_bytes};
}

/// What is kept of damaged data is whole, but it ends as that does.
std::size_t DumpInput::read_stream(char* to, std::size_t size) {
    try {
        return stream_->read(to, size);
    } catch (const source::DamagedInput& damaged) {
        damage_ = damaged.reason;
        return 0;
    }
}

std::size_t DumpInput::read(char* to, std::size_t size) {
    std::size_t n = 0;
    // few bytes come at a time from a pipe; frames should be large
    constexpr std::size_t enough = std::size_t{256} << 10;
    while (n < std::min(size, keep_ && !is_kept_ ? enough : 1)) {
        const std::size_t more = read_stream(to + n, size - n);
        if (more == 0)
            break;
        n += more;
    }
    raw_bytes_ = stream_->raw_bytes();
    if (n == 0 && warning_.empty())
        warning_ = stream_->warning();
    if (n == 0 && keep_)
        is_kept_ = true;
    if (n == 0 && !damage_.empty())
        throw source::DamagedInput(name_, damage_);
    if (n > 0 && keep_ && !is_kept_) {
        packed_.clear();
        base::pack(base::Packing::zstd, {to, n}, packed_);
        base::DiskFile(kept_, base::DiskFile::Mode::read_write).write(kept_bytes_, packed_);
        kept_bytes_ += packed_.size();
    }
    return n;
}

} // namespace runner::bulk
