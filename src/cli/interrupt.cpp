// SPDX-License-Identifier: GPL-2.0-or-later
// See interrupt.hpp. The handler may call next to nothing: the text is made before.
#include "cli/interrupt.hpp"

#include "cli/tell.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstddef>
#include <unistd.h>

namespace runner::cli {

namespace {

struct Message {
    std::array<char, 1024> text;
    std::size_t length = 0;
};
std::array<Message, 2> messages; // one is made while a signal may write the other
std::atomic<const Message*> current{messages.data()};

void tell_and_end(int signal) {
    const Message* message = current;
    const ssize_t written = ::write(STDERR_FILENO, message->text.data(), message->length);
    (void)written;
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

} // namespace

OnInterrupt::OnInterrupt(const std::string& message) {
    say(message);
    for (const int signal : {SIGINT, SIGTERM})
        std::signal(signal, tell_and_end);
}

void OnInterrupt::say(const std::string& message) {
    const std::string line = '\n' + wrapped(message, terminal_columns(STDERR_FILENO)) + '\n';
    Message& next = messages[current == messages.data() ? 1 : 0];
    next.length = std::min(line.size(), next.text.size());
    std::copy_n(line.begin(), next.length, next.text.begin());
    current = &next;
}

OnInterrupt::~OnInterrupt() {
    for (const int signal : {SIGINT, SIGTERM})
        std::signal(signal, SIG_DFL);
}

} // namespace runner::cli
