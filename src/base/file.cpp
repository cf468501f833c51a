// SPDX-License-Identifier: GPL-2.0-or-later
// POSIX calls, because their errno is the reason that the message needs.
#include "base/file.hpp"

#include "base/error.hpp"
#include "base/fd.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace runner::base {

std::string read_file(const std::filesystem::path& path, std::size_t max_bytes) {
    const auto fail = [&](int error) {
        throw NoInputError(fmt::format("{}: {}", path.string(), std::strerror(error)));
    };
    const Fd file{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (file.fd < 0)
        fail(errno);
    std::string text;
    std::size_t used = 0;
    for (;;) {
        text.resize(used + (std::size_t{64} << 10));
        const ssize_t n = read(file.fd, text.data() + used, text.size() - used);
        if (n < 0) {
            if (errno == EINTR)
                continue;
            fail(errno);
        }
        if (n == 0)
            break;
        used += static_cast<std::size_t>(n);
        if (used > max_bytes)
            throw DataError(fmt::format("{}: larger than {} bytes", path.string(), max_bytes));
    }
    text.resize(used);
    return text;
}

} // namespace runner::base
