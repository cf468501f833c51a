// SPDX-License-Identifier: GPL-2.0-or-later
// See file_problem.hpp. What the beginning is decides the reader that reads the whole file later.
#include "source/file_problem.hpp"

#include "base/error.hpp"
#include "base/fd.hpp"
#include "source/block_reader.hpp"
#include "source/input_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>

namespace runner::source {
namespace {

using base::Fd;

/// Opened for reading without waiting; `problem` says why it is no regular file that can be read.
Fd open_regular(const std::filesystem::path& file, std::string& problem) {
    Fd opened{open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
    struct stat info {};
    if (opened.fd < 0 || fstat(opened.fd, &info) != 0)
        problem = fmt::format("{}: {}", file.string(), std::strerror(errno));
    else if (!S_ISREG(info.st_mode))
        problem = fmt::format("{}: is {}, not a regular file", file.string(),
                              S_ISDIR(info.st_mode)    ? "a directory"
                              : S_ISFIFO(info.st_mode) ? "a FIFO"
                                                       : "a device or socket");
    return Fd(opened.release());
}

} // namespace

std::string file_problem(const std::filesystem::path& file) {
    std::string problem;
    Fd opened = open_regular(file, problem);
    if (!problem.empty())
        return problem;
    try {
        TextStream text(file.string(), opened.release());
        BlockReader reader(file.string(),
                           [&](char* to, std::size_t size) { return text.read(to, size); });
        LineBlock block;
        while (reader.next(block))
            if (!block.text.empty() && reader.damage().empty())
                return {};
        return fmt::format("{}: {}", file.string(),
                           reader.cut().empty() ? "it holds no entity" : reader.cut());
    } catch (const base::Error& error) {
        return error.what();
    }
}

void require_regular_files(const config::WikiSettings& wiki) {
    for (const std::filesystem::path& file : wiki.files) {
        struct stat info {};
        if (stat(file.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
            std::string problem;
            (void)open_regular(file, problem);
            throw base::ConfigError(fmt::format("wiki.{}.files: {}", wiki.id, problem));
        }
    }
}

} // namespace runner::source
