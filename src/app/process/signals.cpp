// SPDX-License-Identifier: GPL-2.0-or-later
#include "app/process/signals.hpp"

#include <csignal>
#include <ctime>
#include <sys/resource.h>

namespace runner::app {

namespace {

sigset_t ours() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGUSR1);
    return set;
}

} // namespace

Signals::Signals() {
    std::signal(SIGPIPE, SIG_IGN);
    const sigset_t set = ours();
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

int Signals::wait(std::chrono::milliseconds timeout) const {
    const sigset_t set = ours();
    timespec time{};
    time.tv_sec = timeout.count() / 1000;
    time.tv_nsec = timeout.count() % 1000 * 1'000'000;
    const int signal = ::sigtimedwait(&set, nullptr, &time);
    return signal > 0 ? signal : 0;
}

std::size_t raise_open_files() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 1024;
    if (limit.rlim_cur < limit.rlim_max) {
        const rlim_t before = limit.rlim_cur;
        limit.rlim_cur = limit.rlim_max;
        if (::setrlimit(RLIMIT_NOFILE, &limit) != 0)
            limit.rlim_cur = before;
    }
    return limit.rlim_cur;
}

} // namespace runner::app
