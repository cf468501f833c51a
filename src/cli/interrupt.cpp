// SPDX-License-Identifier: GPL-2.0-or-later
// See interrupt.hpp. The handler may call next to nothing: the text is made before.
#include "cli/interrupt.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <unistd.h>

namespace runner::cli {

namespace {

std::array<char, 1024> text;
std::size_t length = 0;

void tell_and_end(int signal) {
    const ssize_t written = ::write(STDERR_FILENO, text.data(), length);
    (void)written;
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

} // namespace

OnInterrupt::OnInterrupt(const std::string& message) {
    const std::string line = '\n' + message + '\n';
    length = std::min(line.size(), text.size());
    std::copy_n(line.begin(), length, text.begin());
    for (const int signal : {SIGINT, SIGTERM})
        std::signal(signal, tell_and_end);
}

OnInterrupt::~OnInterrupt() {
    for (const int signal : {SIGINT, SIGTERM})
        std::signal(signal, SIG_DFL);
}

} // namespace runner::cli
